package main

// Some tests are much faster than their packages, and notice as well.
var (
	core      = tests{"./rls", `^(TestAdversarial|TestFence|TestErrorsTellNothing)$/sqlite|^(TestHiddenLooksMissing|TestThreat_Positions|TestThreat_FunctionArguments|TestMutationGap.*|TestThreat_2_.*|TestThreat_R.*|TestUnclassifiedErrorsDeny|TestPlaceholders|TestCombination|TestStatement|TestDecisionOfFields|TestFingerprint|TestDatasetWithoutPolicy|TestOutcomes|TestNewRefuses|TestNoSession|TestZeroEnforcer|TestErrorIs|TestErrorPlace|TestLimitsAreBounded|TestLogDecisions|TestConnectorTellsTheHook|TestHookSeesEveryOutcome)$`}
	fences    = tests{"./rls", "^(TestFence|TestWildcards|TestNarrow|TestNarrowedRows|TestBreaches)$/^(sqlite|)$"}
	clashes   = tests{engines, "^TestClashes$"}
	breached  = tests{"./rls", "^TestBreaches$"}
	totals    = tests{"./internal/dialect", "^Test(Total|Totality)"}
	budget    = tests{"./rls", "^TestExponentialQueries$"}
	connector = tests{"./rls", "^Test(Raw|NoSession|Refused|Calls|What|Prepared|Open|ErrSkip|Caller|Argument|Inner|Columns?|Strange|Exec|Driver|Connector|MutationGap)"}
	plans     = tests{"./rls", "^Test(Plans.*|Isolated.*|Statements.*)$"}
	policy    = tests{"./policy ./rls", "^(Test(Parse|TenMistakes|Refused|Agreement|Combination|MutationGap|Threat_2_08|Threat_2_20)|FuzzPolicy)"}
	paths     = tests{"./rls", "^(TestPaths|TestMutationGap.*)$"}
	language  = tests{"./rls ./policy", "^(TestPredicates|TestCEL[0-2].*|TestFiner.*|TestMoments.*|TestNew.*|TestRefusedRules)$/^sqlite$"}
	servers   = tests{"./internal/dialect", "^TestFunctions$"}
	numbers   = tests{"./rls", "^TestNumbers$"}
	proofs    = tests{"./policy", "^Test(Prove|Counterexamples|Undecided)"}
	concealed = tests{"./policy", "^TestConcealed"}
	settings  = tests{"./rls", "^Test(Connections|ServerCheck|Spent|Settings)"}
	moments   = tests{"./rls", "^TestMomentsThatCELLacks$"}
	extremes  = tests{"./rls", "^TestExtreme"}
	unset     = tests{"./rls", "^TestSettingsShowNothing$"}
	mysql     = tests{"./internal/mysql", ""}
	dialect   = tests{"./internal/dialect", "^Test(Golden$|Hostile|NoComment|Parameters|Precedence|Unresolved|Refused|Supports)|^Test(Functions|GoldenRows|PolicyFunctions|Overflow)$/sqlite"}
	function  = tests{"./internal/function", ""}
	semantic  = tests{"./semantic", ""}
	session   = tests{"./session", ""}
	transfer  = tests{"./internal/transfer", "^Test(Mismatch|ForeignRow.*|Superseded|ShortRead|Snapshot|Killed|Child|Problems)$"}
	keys      = tests{"./internal/keys", ""}
	history   = tests{"./internal/history", "^Test(Filter|Entries|Spool|Claim|Damaged|NothingIsLost|CloseWaits|Invalid)"}

	agreementSQLite     = agreement("sqlite")
	agreementPostgreSQL = agreement("postgresql")
	agreementMariaDB    = agreement("mariadb")
	promotion           = tests{"./rls/project", "^TestPromote(Refuses|Mismatch|Meanwhile|LeaseLostAtTheEnd|Once)?$"}
)

// agreement is random agreement on one database, with few cases, and what the
// many have found: what stands in the name of those is a third level.
func agreement(database string) tests {
	return tests{"./rls -agreement.cases=3000 -agreement.seed=1", "^Test(Random|)Agreement(|Found)$/^(given|" + database + ")$/(" + database + "|_|^all$)"}
}

// mutations are the defences, in the order of the rules that they keep: R1 to R14
// of the threat model, and the classes of attack.
var mutations = []mutation{
	// Rows: R4, R8, R9; classes 2.6 and 2.8.
	{"a dataset without a permissive policy is denied", []edit{
		{"internal/rules/access.go", "a.Denied = !permitted",
			"a.Denied = !permitted && false"},
	}, core},
	{"a row rule filters", []edit{
		{"internal/secure/secured.go", "if access.Rows != nil {",
			"if access.Rows != nil && false {"},
	}, core},
	{"restrictive rules don't permit", []edit{
		{"internal/rules/access.go", "if p.Restrictive {",
			"if p.Restrictive && false {"},
	}, core},
	{"restrictive rules are joined by AND", []edit{
		{"internal/rules/access.go", "a.Rows = simplify(&ast.And{X: append(restrictive",
			"a.Rows = simplify(&ast.Or{X: append(restrictive"},
	}, core},
	{"a policy that doesn't apply is left out", []edit{
		{"internal/rules/access.go", "if !applies {",
			"if !applies && false {"},
	}, core},
	{"a when that can't be decided denies", []edit{
		{"internal/rules/access.go", `return false, &MissingError{Policy: p.Name, Property: "of its when"}`,
			"return false, nil"},
		{"internal/rules/residual.go", "\tif missing != nil {",
			"\tif missing != nil && p.When == nil {"},
	}, policy},
	{"a property that is missing denies", []edit{
		{"internal/rules/residual.go", "\tif missing != nil {",
			"\tif missing != nil && false {"},
		{"rls/plan.go", `return nil, fault.New(fault.Denied, 0, "the policies need session property %s, which this session lacks", arg.Slot.Name)`,
			"v = nil"},
	}, policy},
	{"a session of another schema is refused", []edit{
		{"internal/rules/decide.go", "if !sess.Valid() || !s.Schema.Equivalent(sess.Schema()) {",
			"if !sess.Valid() {"},
		{"rls/plan.go", "if err != nil || s.Schema() != e.schema {",
			"if err != nil {"},
	}, core},
	{"a session of another tenant's enforcer is refused", []edit{
		{"rls/plan.go", "if err != nil || s.Schema() != e.schema {",
			"if err != nil {"},
	}, plans},
	{"plans differ by text", []edit{
		{"rls/plan.go", "key := planKey{e.compiled, ruling.Shape(), query}",
			"key := planKey{e.compiled, ruling.Shape(), \"\"}"},
		{"rls/plan.go", "key.text = strings.Clone(query) // the caller's may be a part of something large\n",
			"_ = strings.Clone\n"},
	}, plans},
	{"plans differ by shape", []edit{
		{"rls/plan.go", "key := planKey{e.compiled, ruling.Shape(), query}",
			"key := planKey{e.compiled, rules.Shape{}, query}"},
	}, plans},
	{"plans differ by enforcer", []edit{
		{"rls/plan.go", "key := planKey{e.compiled, ruling.Shape(), query}",
			"key := planKey{nil, ruling.Shape(), query}"},
	}, plans},
	{"decisions on datasets differ by shape", []edit{
		{"internal/secure/secured.go", "key := securedKey{r.Shape(), d}",
			"key := securedKey{rules.Shape{}, d}"},
	}, plans},
	{"a truth value is part of the shape", []edit{
		{"internal/rules/shape.go", "out = append(out, truthByte(x))",
			"out = append(out, 'v')"},
	}, plans},
	{"what a session lacks is part of the shape", []edit{
		{"internal/rules/shape.go", "return 'm'",
			"return 'v'"},
	}, plans},
	{"what can't be computed is part of the shape", []edit{
		{"internal/rules/shape.go", "return 'u'",
			"return 'v'"},
	}, plans},
	{"the length of a list is part of the shape", []edit{
		{"internal/rules/shape.go", "return binary.AppendUvarint(out, uint64(roundUp(len(list))))",
			"return out"},
	}, plans},
	{"the length of an unrolled list is part of the shape", []edit{
		{"internal/rules/shape.go", "\tout = binary.AppendUvarint(out, uint64(len(list)))\n",
			"\tout = binary.AppendUvarint(out, uint64(roundUp(len(list))))\n"},
	}, plans},
	{"truth values in a list are part of the shape", []edit{
		{"internal/rules/shape.go", "out = append(out, truthByte(b))",
			"_ = truthByte(b)"},
	}, plans},
	{"lists outside IN are unrolled", []edit{
		{"internal/rules/shape.go", "s.slots[x.ID].unrolled = true",
			"s.slots[x.ID].unrolled = false"},
	}, plans},
	{"statements share no arguments", []edit{
		{"rls/plan.go", "\tst.Args = out.room[:0]\n",
			"\tst.Args = sharedRoom[:0]\n"},
		{"rls/plan.go", "// roomy is a statement",
			"var sharedRoom = make([]any, 4)\n\n// roomy is a statement"},
	}, plans},
	{"the zero session is refused", []edit{
		{"internal/rules/decide.go", "if !sess.Valid() || !s.Schema.Equivalent(sess.Schema()) {",
			"if sess.Valid() && !s.Schema.Equivalent(sess.Schema()) {"},
		{"rls/plan.go", "if err != nil || s.Schema() != e.schema {",
			"if err != nil || s.Valid() && s.Schema() != e.schema {"},
	}, core},
	{"an empty list of the session is nowhere", []edit{
		{"internal/rules/residual.go", "return nowhere(in.X)",
			"return ast.True()"},
	}, policy},
	{"x in [] is unknown for an unknown x, from the session", []edit{
		{"internal/rules/residual.go", "return nowhere(in.X)",
			"return ast.False()"},
	}, policy},
	{"x in [] is unknown for an unknown x, written", []edit{
		{"internal/rules/compile.go", "return nowhere(t.value(x))",
			"return ast.False()"},
	}, policy},
	{"a list with an unknown field is unknown", []edit{
		{"internal/rules/compile.go", "if t.dependent(item) {\n\t\t\tknown",
			"if t.dependent(item) && false {\n\t\t\tknown"},
	}, policy},
	{"an unknown condition of ?: is not false", []edit{
		{"internal/rules/compile.go", "{Cond: definitely(&ast.Not{X: cond}), Then: ",
			"{Cond: ast.True(), Then: "},
	}, policy},
	{"a truth value counts only when it is TRUE", []edit{
		{"internal/rules/compile.go", "return &ast.Compare{Op: ast.Eq, Left: t.field(e), Right: ast.True()}",
			"return t.field(e)"},
	}, policy},
	{"strings of policies compare exactly: ==", []edit{
		{"internal/rules/compile.go", "return &ast.Compare{Op: op, Left: t.value(left), Right: t.value(right), Exact: typ == ast.String}",
			"return &ast.Compare{Op: op, Left: t.value(left), Right: t.value(right)}"},
	}, policy},
	{"strings of policies compare exactly: <", []edit{
		{"internal/rules/compile.go", "Right: t.value(args[1]), Exact: typ == ast.String}",
			"Right: t.value(args[1])}"},
	}, policy},
	{"strings of policies compare exactly: in", []edit{
		{"internal/rules/compile.go", ", Exact: typ == ast.String}\n\tif list.Kind()",
			"}\n\tif list.Kind()"},
	}, policy},
	{"SQLite compares by code point", []edit{
		{"internal/dialect/sqlite.go", `exact{Left: "$1 COLLATE BINARY", Right: "$1"}`,
			`exact{Left: "$1", Right: "$1"}`},
	}, dialect},
	{"PostgreSQL compares by code point", []edit{
		{"internal/dialect/postgresql.go", "CAST($1 AS text) COLLATE \"C\"`, Right",
			"CAST($1 AS text)`, Right"},
	}, dialect},
	{"MySQL compares by code point", []edit{
		{"internal/dialect/mysql.go", `exact{Left: mysqlBytes("$1"), Right: mysqlBytes("$1"), Plain: true}`,
			`exact{Left: "$1", Right: "$1", Plain: true}`},
	}, dialect},
	{"a session value with NUL or without a number is unusable", []edit{
		{"internal/rules/bind.go", "if v[i] == 0 {",
			"if v[i] == 0 && false {"},
		{"internal/rules/bind.go", "if math.IsNaN(v) || math.IsInf(v, 0) {",
			"if math.IsNaN(v) && false {"},
	}, policy},
	{"values of policies and callers are not mixed up", []edit{
		{"rls/plan.go", "return args[arg.Param], checkArg(args[arg.Param])",
			"return args[len(args)-1-arg.Param], checkArg(args[arg.Param])"},
	}, core},
	{"each element of a session's list is bound", []edit{
		{"internal/rules/decide.go", "return list[at], nil",
			"return list[0], nil"},
	}, core},
	{"a hop stays in its tenant", []edit{
		{"internal/rules/hop.go", `if key := t.c.tenantField; key != "" {`,
			`if key := t.c.tenantField; key != "" && false {`},
	}, paths},
	{"a hop equates all its columns", []edit{
		{"internal/rules/hop.go", "for _, pair := range h.columns {",
			"for _, pair := range h.columns[:1] {"},
	}, paths},
	{"an absent parent is unknown", []edit{
		{"internal/rules/hop.go", "{Cond: p.exists(&ast.Not{X: cond}), Then: ast.False()},\n\t}}",
			"}, Else: ast.False()}"},
	}, paths},
	{"exists over rows is unknown where a body is", []edit{
		{"internal/rules/macro.go", "Then: sql.True()},\n\t\t\t{Cond: unknown, Then: sql.Null()},\n",
			"Then: sql.True()},\n"},
		{"internal/rules/macro.go", "\t\tcount := children",
			"\t\t_ = unknown\n\t\tcount := children"},
	}, paths},
	{"all over rows is unknown where a body is", []edit{
		{"internal/rules/macro.go", "Then: sql.False()},\n\t\t\t{Cond: unknown, Then: sql.Null()},\n",
			"Then: sql.False()},\n"},
	}, paths},
	{"a policy's tables are the model's", []edit{
		{"internal/secure/physical.go", "sel.From[i] = &ast.Physical{Parts: p.tables[name.Alias].d.Source, Alias: name.Alias}",
			"sel.From[i] = &ast.CTERef{Name: name.Parts[0], Alias: name.Alias}"},
	}, paths},
	{"a policy's columns are qualified", []edit{
		{"internal/secure/physical.go", "moved.Table = alias",
			"moved.Table = resolve.TableAlias"},
	}, paths},

	// Fields: R6; classes 2.13 and 2.14.
	{"a hidden field doesn't exist", []edit{
		{"internal/secure/secure.go", "if hidden == nil || !hidden[i] {",
			"if hidden == nil || !hidden[i] || true {"},
	}, core},
	{"a hidden field is left out of *, USING and NATURAL", []edit{
		{"internal/secure/secure.go", "if hidden == nil || !hidden[i] {",
			"if hidden == nil || !hidden[i] || true {"},
	}, core},
	{"hide hides", []edit{
		{"internal/rules/access.go", "a.Hidden[i] = true",
			"a.Hidden[i] = false"},
	}, core},
	{"a mask stands where the field would", []edit{
		{"internal/secure/secured.go", "return m.mask(ds, access.Masks[i], i)",
			"return ds.exprs[i], nil"},
	}, core},
	{"an unmodelled table is unknown", []edit{
		{"internal/secure/secure.go", `return nil, resolve.UnknownDataset(name, pos).WithReason("the model has no such dataset")`,
			`return resolve.NewDataset(name, []resolve.Field{{Name: "id"}}), nil`},
		{"internal/secure/secure.go", `return fault.New(fault.Internal, o.Pos, "dataset %q has no decision", o.Dataset.Name)`,
			"return nil"},
	}, core},
	{"a denied dataset looks like a missing one", []edit{
		{"internal/secure/secure.go", `return nil, resolve.UnknownDataset(name, pos).WithReason("no permissive`,
			`return nil, fault.New(fault.Denied, pos, "denied").WithReason("no permissive`},
	}, core},
	{"a hidden field looks like a missing one", []edit{
		{"internal/resolve/scope.go", `e.Reason = fmt.Sprintf("field`,
			`e.Hint = fmt.Sprintf("field`},
	}, core},

	{"what is concealed doesn't show through a computed field", []edit{
		{"internal/rules/concealed.go", "if !does || !c.within(f, field) || !c.seen(d, p, by) {",
			"if true || !does {"},
	}, concealed},
	{"what is concealed doesn't show through another field's mask", []edit{
		{"internal/rules/concealed.go", "if does && c.within(f, read.field) && c.shows(d, p, masked, other) {",
			"if does && false {"},
	}, concealed},
	{"policies that leave none to see are compared", []edit{
		{"internal/rules/concealed.go", "question = append(question, b.when(other, 0, false))",
			"break"},
	}, concealed},
	{"a new connection's settings are looked at", []edit{
		{"rls/connector.go", "if err := out.check(ctx, c.gate.server()); err != nil {",
			"if err := out.check(ctx, Dialect{}); err != nil {"},
	}, settings},
	{"a statement's connection has been looked at", []edit{
		{"rls/conn.go", "return st, c.check(ctx, st.server)",
			"return st, nil"},
	}, settings},
	{"names and strings are in utf8mb4", []edit{
		{"rls/settings.go", `{"character_set_client", "@@character_set_client", oneOf("utf8mb4"),`,
			`{"character_set_client", "@@character_set_client", oneOf("utf8mb4", "gbk"),`},
	}, settings},

	// Names: R5 and R6; classes 2.4, 2.5, 2.6 and 2.11.
	{"CTEs are renamed", []edit{
		{"internal/resolve/query.go", `r.names.unique("cte_"+c.Name, "cte", r.catalog.Reserved)`,
			"c.Name"},
	}, core},
	{"no CTE bears the name of a physical table", []edit{
		{"internal/secure/secure.go", "return v.model.reserved[folded]",
			"return v.model.reserved[folded] && false"},
	}, core},
	{"a CTE's name is in scope only after it", []edit{
		{"internal/resolve/query.go", "\tif !recursive {\n\t\tq, cols := r.query(c.Query, parent, ctes, false)",
			"\tif !recursive {\n\t\tq, cols := r.query(c.Query, parent, &cteScope{parent: ctes, folded: semantic.Fold(c.Name), cte: info}, false)"},
	}, core},
	{"a CTE is not defined twice", []edit{
		{"internal/resolve/query.go", `r.refuse(fault.UnknownName, c.Pos, "CTE %q is defined twice", c.Name)`,
			""},
	}, core},
	{"a qualified name is not matched by its last part", []edit{
		{"internal/resolve/from.go", `r.catalog.Dataset(strings.Join(t.Parts, "."), t.Pos)`,
			"r.catalog.Dataset(t.Parts[len(t.Parts)-1], t.Pos)"},
	}, core},
	{"a qualified name is no CTE", []edit{
		{"internal/resolve/from.go", "\tif len(t.Parts) == 1 {\n\t\tif c, ok",
			"\tif len(t.Parts) > 0 {\n\t\tif c, ok"},
		{"internal/resolve/scope.go", "folded := semantic.Fold(t.Parts[0])\n\tfor ; s != nil && r.look",
			"folded := semantic.Fold(t.Parts[len(t.Parts)-1])\n\tfor ; s != nil && r.look"},
	}, core},
	{"an unknown field is refused", []edit{
		{"internal/resolve/scope.go", `e := r.refuse(fault.UnknownName, pos, "unknown field %s", quote(parts)).`,
			`e := fault.New(fault.UnknownName, pos, "unknown field %s", quote(parts)).`},
	}, core},
	{"an ambiguous field is refused", []edit{
		{"internal/resolve/scope.go", "case found.n == 1:",
			"case found.n >= 1:"},
	}, core},
	{"two relations of one name are refused", []edit{
		{"internal/resolve/from.go", "if seen.has(rel.name) {",
			"if seen.has(rel.name) && false {"},
	}, core},
	{"a derived table doesn't see its siblings", []edit{
		{"internal/resolve/from.go", "q, cols := r.query(t.Query, s.parent.apartFrom(), s.ctes, false)",
			"q, cols := r.query(t.Query, s, s.ctes, false)"},
	}, core},
	{"a qualifier of this query hides those outside", []edit{
		{"internal/resolve/scope.go", "\t\tcase known:\n",
			"\t\tcase known && false:\n"},
	}, core},
	{"names fold ASCII only", []edit{
		{"semantic/names.go", "\treturn name\n}\n\nfunc isUpper",
			"\treturn strings.ToLower(name)\n}\n\nfunc isUpper"},
	}, semantic},
	{"relations get names that are unique", []edit{
		{"internal/resolve/names.go", "n.used.has(key) || reserved != nil && reserved(key)",
			"reserved != nil && reserved(key)"},
	}, core},
	{"the table's own alias is taken", []edit{
		{"internal/resolve/names.go", "\tn.used.add(TableAlias)\n",
			""},
	}, core},
	{"ordinals are checked", []edit{
		{"internal/resolve/query.go", "if err != nil || n < 1 || n > columns {",
			"if err != nil {"},
	}, core},
	{"an ON clause sees its two sides only", []edit{
		{"internal/resolve/from.go", "on := &scope{parent: s.parent, roots: []*from{lf, rf}, ctes: s.ctes}",
			"on := &scope{parent: s.parent, roots: append(append([]*from(nil), s.roots...), lf, rf), ctes: s.ctes}"},
	}, core},
	{"only one column stands where one value is needed", []edit{
		{"internal/resolve/expr.go", "if r.err == nil && width(x) != 1 {",
			"if r.err == nil && width(x) != 1 && false {"},
	}, core},
	{"rows of different lengths are not compared", []edit{
		{"internal/resolve/expr.go", "if r.err == nil && a != b {",
			"if r.err == nil && a != b && false {"},
	}, core},
	{"set operations have equal columns", []edit{
		{"internal/resolve/query.go", "\tif len(left) != len(right) {\n",
			"\tif len(left) != len(right) && false {\n"},
	}, core},
	{"physical tables are qualified as the model says", []edit{
		{"internal/dialect/from.go", "for i, part := range parts {",
			"for i, part := range parts[len(parts)-1:] {"},
	}, dialect},

	// Fences: R7; class 2.7.
	{"a fence is printed", []edit{
		{"internal/dialect/query.go", `p.write(" ", p.d.Fence)`,
			`p.write("")`},
	}, core},
	{"functions are partial unless listed", []edit{
		{"internal/function/total.go", "return ok && f.Total",
			"return ok && f != nil"},
	}, core},
	{"what isn't listed is not total", []edit{
		{"internal/function/total.go", "\tdefault: // Subquery (two rows are an error), Cast, Neg, BitNot, DateAdd, Extract\n\t\treturn false",
			"\tdefault:\n\t\treturn true"},
	}, core},
	{"arithmetic is not total", []edit{
		{"internal/function/total.go", "func TotalBinary(ast.BinaryOp) bool { return false }",
			"func TotalBinary(ast.BinaryOp) bool { return true }"},
	}, core},
	{"a pattern that ends in an escape is not total", []edit{
		{"internal/function/total.go", "&& !strings.HasSuffix(l.Text, `\\`)",
			`&& !strings.HasSuffix(l.Text, "\x00")`},
	}, function},
	{"what isn't quiet is fenced", []edit{
		{"internal/secure/fence.go", "fenced = !m.quiet(b)",
			"fenced = !m.quiet(b) && false"},
	}, fences},
	{"a scalar subquery of many rows is not quiet", []edit{
		{"internal/secure/quiet.go", "return !singleRow(e.Query)",
			"return false"},
	}, fences},
	{"a field that can fail is not quiet", []edit{
		{"internal/secure/quiet.go", "return Of(o).risky[i]",
			"return Of(o).risky[i] && false"},
	}, fences},
	{"a window's frame can fail", []edit{
		{"internal/dialect/total.go", "ok && !totalFrame(c.Over) {",
			"ok && !totalFrame(c.Over) && false {"},
	}, fences},
	{"recursion may never end", []edit{
		{"internal/secure/quiet.go", "j.loud = j.loud || q.With != nil && q.With.Recursive",
			"j.loud = j.loud || false"},
	}, fences},
	{"only the outermost SELECT is late", []edit{
		{"internal/secure/quiet.go", "if top, ok := b.Query.Body.(*ast.Select); ok && !asks(b) {",
			"if top, ok := b.Query.Body.(*ast.Select); ok {"},
	}, fences},
	{"what holds a query is not late", []edit{
		{"internal/secure/quiet.go", "func (j *judge) late(e ast.Expr) {\n\tif holdsQuery(e) {",
			"func (j *judge) late(e ast.Expr) {\n\tif false {"},
	}, fences},
	{"HAVING over group keys is not late", []edit{
		{"internal/secure/quiet.go", "j.loud = j.loud || j.fails(x) && !holdsAggregate(x)",
			"j.loud = j.loud || false"},
	}, fences},
	{"a pattern has few wildcards", []edit{
		{"internal/resolve/expr.go", `ok && strings.Count(l.Text, "%") > function.MostWildcards {`,
			`ok && false {`},
	}, fences},
	{"types that clash are not total", []edit{
		{"internal/dialect/total.go", "|| d.clash(e) {",
			"{"},
	}, totals},
	{"a kept statement on MariaDB has no semijoin", []edit{
		{"internal/dialect/mysql.go", ",semijoin=off",
			""},
	}, tests{"./rls", "^TestPreparedAgain$"}},
	{"what has no known type may be of any", []edit{
		{"internal/dialect/total.go", "return !v.fits && !w.fits && v.typ != ast.String && w.typ != ast.String",
			"return false"},
	}, clashes},
	{"a constant in a list may be what the others are converted to", []edit{
		{"internal/dialect/total.go", "meeting{constants: plainly || !d.Converts}",
			"meeting{constants: plainly || true}"},
	}, clashes},
	{"arguments have the types that DuckDB compares them with", []edit{
		{"internal/dialect/expected.go", "case d.Converts:",
			"case false:"},
	}, clashes},
	{"arguments are whole where MariaDB looks whole numbers up", []edit{
		{"internal/dialect/expected.go", "case d.RoundsKeys:",
			"case false:"},
	}, tests{"./rls", "^TestRoundedKeys$"}},
	{"moments with a fraction are looked up in no index", []edit{
		{"internal/dialect/unkeyed.go", "return equal && !isColumn && (!isLiteral || strings.Contains(literal.Text, \".\"))",
			"return false"},
	}, tests{"./rls", "^TestRoundedKeys$"}},
	{"no computed field is late on DuckDB", []edit{
		{"internal/secure/quiet.go", "if j.eager {",
			"if false {"},
	}, clashes},
	{"texts of several collations clash", []edit{
		{"internal/dialect/total.go", "if d.Collations && collates(e) {",
			"if d.Collations && false {"},
	}, tests{"./rls", "^TestCollations$"}},
	{"LIKE goes by code point on PostgreSQL", []edit{
		{"internal/dialect/postgresql.go", "`$1 COLLATE \"C\"`",
			`"$1"`},
	}, breached},
	{"MariaDB merges nothing but in plain statements", []edit{
		{"internal/secure/fence.go", "b.Query.Unmerged = m.cfg.Merging == SwitchedOff",
			"b.Query.Unmerged = false"},
	}, breached},
	{"an aggregate makes a statement that is not plain", []edit{
		{"internal/secure/fence.go", "simple = simple && queryIn(e) == nil && !isAggregate(e)",
			"simple = simple && queryIn(e) == nil"},
	}, breached},
	{"conditions that can fail don't move into a fence", []edit{
		{"internal/secure/narrow.go", "ok = ok && queryIn(x) == nil && n.model.cfg.Total(x)",
			"ok = ok && queryIn(x) == nil"},
	}, fences},
	{"ON of an outer join narrows the nullable side only", []edit{
		{"internal/secure/narrow.go", "t.On = n.move(t.On, right, false)",
			"t.On = n.move(t.On, left.with(right), false)"},
	}, fences},
	{"WHERE doesn't narrow the nullable side", []edit{
		{"internal/secure/narrow.go", "t.On = n.move(t.On, right, false)\n\t\t\treturn left",
			"t.On = n.move(t.On, right, false)\n\t\t\treturn left.with(right)"},
	}, fences},
	{"MariaDB caches no correlated query of a policy by collation", []edit{
		{"internal/dialect/mysql.go", `d.Uncached = "RAND() IS NOT NULL"`,
			`d.Uncached = ""`},
		{"internal/dialect/mysql.go", ",subquery_cache=off",
			""},
	}, paths},
	{"a step along a relationship stays within the tenant", []edit{
		{"internal/rules/hop.go", `if key := t.c.tenantField; key != "" {`,
			`if key := t.c.tenantField; key != "" && false {`},
	}, paths},
	{"an absent parent is unknown, not false", []edit{
		{"internal/rules/hop.go", "{Cond: p.exists(&ast.Not{X: cond}), Then: ast.False()},",
			"{Cond: ast.True(), Then: ast.False()},"},
	}, paths},
	{"an unknown body makes a macro over rows unknown", []edit{
		{"internal/rules/macro.go", "\t\t\t{Cond: unknown, Then: sql.Null()},\n\t\t}, Else: sql.False()}",
			"\t\t}, Else: sql.False()}"},
	}, paths},

	// Input: R10; class 2.9.
	{"text must be UTF-8", []edit{
		{"internal/mysql/gate.go", "if !utf8.ValidString(src.text) {",
			"if !utf8.ValidString(src.text) && false {"},
	}, mysql},
	{"text has no NUL", []edit{
		{"internal/mysql/gate.go", "if i := strings.IndexByte(src.text, 0); i >= 0 {",
			"if i := strings.IndexByte(src.text, 0); i >= 0 && false {"},
	}, mysql},
	{"a string has no NUL", []edit{
		{"internal/mysql/literal.go", "if strings.IndexByte(val, 0) >= 0 || !utf8.ValidString(val) {",
			"if !utf8.ValidString(val) {"},
	}, mysql},
	{"nesting is bounded before parsing", []edit{
		{"internal/mysql/gate.go", "if len(open) > most || prefixes > most {",
			"if prefixes > most {"},
	}, mysql},
	{"prefix operators are bounded before parsing", []edit{
		{"internal/mysql/gate.go", "if len(open) > most || prefixes > most {",
			"if len(open) > most {"},
	}, mysql},
	{"long chains are bounded", []edit{
		{"internal/mysql/convert.go", "if c.depth > 4*c.lim.Depth+extraDepth {",
			"if c.depth > 4*c.lim.Depth+extraDepth && false {"},
	}, mysql},
	{"the length of the text is bounded", []edit{
		{"internal/mysql/gate.go", "if len(src.orig) > lim.Bytes {",
			"if len(src.orig) > lim.Bytes && false {"},
	}, mysql},
	{"the number of tokens is bounded", []edit{
		{"internal/mysql/gate.go", "if len(s.toks) == lim.Nodes {",
			"if len(s.toks) == lim.Nodes && false {"},
	}, mysql},
	{"IN lists are bounded", []edit{
		{"internal/mysql/expr.go", "if len(r) > c.lim.ListItems {",
			"if len(r) > c.lim.ListItems && false {"},
	}, mysql},
	{"a panic of the parser is caught", []edit{
		{"internal/mysql/parser.go", "\t\tif recover() != nil {",
			"\t\tif false {"},
	}, mysql},
	{"columns behind * are counted", []edit{
		{"internal/resolve/query.go", "if !r.produce(pos, f.count()) || !r.list(pos, f) {",
			"if !r.produce(pos, 1) {"},
	}, budget},
	{"expressions behind aliases are counted", []edit{
		{"internal/resolve/scope.go", "\t\t\t\tr.produce(n.Pos, size(a.expr))\n",
			""},
	}, budget},
	{"comparisons of names are counted", []edit{
		{"internal/resolve/budget.go", "if r.err == nil && n > maxSteps-r.budget.steps {",
			"if r.err == nil && n > maxSteps-r.budget.steps && false {"},
	}, budget},
	{"the statement's length is bounded", []edit{
		{"internal/dialect/printer.go", "if len(p.text) > MaxText {",
			"if len(p.text) > MaxText && false {"},
	}, budget},
	{"limits have a maximum", []edit{
		{"rls/rls.go", "if f.given < 0 || f.given > f.max {",
			"if f.given < 0 {"},
	}, core},

	// Closed world: R1, R3 and R12; classes 2.3, 2.12, 2.15, 2.16 and 2.17.
	{"one statement", []edit{
		{"internal/mysql/gate.go", "\t\tif toks[i].typ == ';' {\n\t\t\treturn nil, fault",
			"\t\tif toks[i].typ == ';' && false {\n\t\t\treturn nil, fault"},
	}, mysql},
	{"only queries", []edit{
		{"internal/mysql/parser.go", `return fault.New(fault.Unsupported, src.pos(toks[i].start), "%s is not a query"`,
			`return fault.New(fault.Syntax, src.pos(toks[i].start), "%s is not a query"`},
	}, mysql},
	{"executable comments are refused", []edit{
		{"internal/mysql/gate.go", `case strings.HasPrefix(low, "/*!"), strings.HasPrefix(low, "/*m!"):`,
			`case strings.HasPrefix(low, "/*never"):`},
	}, mysql},
	{"hints are refused", []edit{
		{"internal/mysql/gate.go", `case strings.HasPrefix(low, "/*+"), strings.HasPrefix(low, "/*vt+"):`,
			`case strings.HasPrefix(low, "/*never"):`},
	}, mysql},
	{"// is refused", []edit{
		{"internal/mysql/gate.go", `case strings.HasPrefix(low, "//"):`,
			`case strings.HasPrefix(low, "//") && false:`},
	}, mysql},
	{"a comment with a lone carriage return is refused", []edit{
		{"internal/mysql/gate.go", `if i := strings.IndexByte(text, '\r'); i >= 0 &&`,
			`if i := strings.IndexByte(text, '\r'); i >= 0 && false &&`},
	}, mysql},
	{"INTO is refused", []edit{
		{"internal/mysql/words.go", "case sqlparser.INTO:\n\t\treturn \"INTO is not allowed\", \"a query only returns rows\"\n",
			""},
		{"internal/mysql/convert.go", "case s.Into != nil:",
			"case s.Into != nil && false:"},
		{"internal/mysql/convert.go", "if u.Lock != sqlparser.NoLock || u.Into != nil {",
			"if u.Lock != sqlparser.NoLock {"},
	}, mysql},
	{"locking reads are refused", []edit{
		{"internal/mysql/words.go", "case sqlparser.FOR, sqlparser.LOCK:\n\t\tif next(",
			"case sqlparser.FOR, sqlparser.LOCK:\n\t\tif false && next("},
		{"internal/mysql/convert.go", "case s.Lock != sqlparser.NoLock:",
			"case s.Lock != sqlparser.NoLock && false:"},
		{"internal/mysql/convert.go", "if u.Lock != sqlparser.NoLock || u.Into != nil {",
			"if u.Into != nil {"},
	}, mysql},
	{"options of SELECT are refused", []edit{
		{"internal/mysql/convert.go", "case s.Cache != nil, s.HighPriority, s.StraightJoinHint, s.SQLSmallResult, s.SQLBigResult, s.SQLBufferResult, s.SQLCalcFoundRows:",
			"case false:"},
	}, mysql},
	{"PARTITION is refused", []edit{
		{"internal/mysql/table.go", "case len(t.Partitions) > 0:",
			"case len(t.Partitions) > 0 && false:"},
	}, mysql},
	{"index hints are refused", []edit{
		{"internal/mysql/table.go", "case len(t.Hints) > 0:",
			"case len(t.Hints) > 0 && false:"},
	}, mysql},
	{"LATERAL is refused", []edit{
		{"internal/mysql/words.go", "case sqlparser.LATERAL:\n\t\treturn \"LATERAL is not supported\", \"use a subquery in the select list or a join\"\n",
			""},
		{"internal/mysql/table.go", "if e.Lateral {",
			"if e.Lateral && false {"},
	}, mysql},
	{"|| is refused", []edit{
		{"internal/mysql/words.go", "if text[t.start] == '|' {",
			"if text[t.start] == '|' && false {"},
	}, mysql},
	{"prefixed strings are refused", []edit{
		{"internal/mysql/words.go", "if prefixed(toks, i) {",
			"if prefixed(toks, i) && false {"},
	}, mysql},
	{"swallowed words are refused", []edit{
		{"internal/mysql/words.go", "if !found || t.typ == sqlparser.NULLS",
			"if !found || true || t.typ == sqlparser.NULLS"},
	}, mysql},
	{"parentheses of queries are kept", []edit{
		{"internal/mysql/shape.go", "\t\tcase s.hasTail(k, j):\n\t\t\ts.wrap(terms[0].end - 1)\n",
			""},
	}, mysql},
	{"INTERSECT binds tighter", []edit{
		{"internal/mysql/shape.go", "\ts.bracketIntersects(terms, ops)\n",
			""},
	}, mysql},
	{"names have no control characters", []edit{
		{"internal/mysql/gate.go", "if strings.IndexFunc(name, unicode.IsControl) >= 0 {",
			"if strings.IndexFunc(name, unicode.IsControl) >= 0 && false {"},
	}, mysql},
	{"a cast names no character set", []edit{
		{"internal/mysql/call.go", `if t == nil || array || t.Charset.Name != "" || t.Charset.Binary {`,
			"if t == nil || array {"},
	}, mysql},
	{"cast types are a closed list", []edit{
		{"internal/mysql/call.go", "if out.Type = castType(t.Type); out.Type == 0 {",
			"if out.Type = castType(t.Type); out.Type == 0 && false {"},
	}, mysql},
	{"functions are a closed list", []edit{
		{"internal/resolve/expr.go", "\t\tr.refuse(fault.Unsupported, e.Pos, \"function %s is not in the list of supported functions\", e.Func).\n\t\t\tWithHint(\"see the list of supported SQL in Hedgerow's README\")\n\t\treturn ast.Null()",
			"\t\treturn &ast.Call{Pos: e.Pos, Func: e.Func, Args: r.scalars(e.Args, s)}"},
		{"internal/dialect/call.go", `p.fail(fault.Unsupported, c.Pos, "there is no function of this name")`,
			"p.write(c.Func, \"(\")\n\t\tp.exprs(c.Args)\n\t\tp.write(\")\")"},
	}, core},
	{"a function has its number of arguments", []edit{
		{"internal/resolve/expr.go", "case !e.Star && (n < f.Min || f.Max >= 0 && n > f.Max):",
			"case false:"},
		{"internal/dialect/call.go", "case len(c.Args) < f.Min || f.Max >= 0 && len(c.Args) > f.Max:",
			"case false:"},
	}, core},
	{"LIMIT is a number or ?", []edit{
		{"internal/mysql/literal.go", "\tc.refuse(\"LIMIT and OFFSET take a whole number or ?\", \"\")\n\treturn nil",
			"\treturn c.expr(e)"},
	}, mysql},

	// Printing: R2, R3 and R12; classes 2.1 and 2.2.
	{"quotes in names are doubled", []edit{
		{"internal/dialect/printer.go", "case name[i] == p.d.Quote:",
			"case name[i] == p.d.Quote && false:"},
	}, dialect},
	{"names have no control characters when printed", []edit{
		{"internal/dialect/printer.go", "case !utf8.ValidString(name) || strings.ContainsFunc(name, isControl):",
			"case !utf8.ValidString(name):"},
	}, dialect},
	{"names fit the database", []edit{
		{"internal/dialect/printer.go", "case len(name) > p.d.MaxName:",
			"case len(name) > p.d.MaxName && false:"},
	}, dialect},
	{"quotes in strings are doubled", []edit{
		{"internal/dialect/literal.go", `return "'" + strings.ReplaceAll(s, "'", "''") + "'"`,
			`return "'" + s + "'"`},
	}, dialect},
	{"backslashes mean the same under any sql_mode", []edit{
		{"internal/dialect/literal.go", `return "_utf8mb4 X'" + strings.ToUpper(hex.EncodeToString([]byte(s))) + "'"`,
			"return quoted(s + hex.EncodeToString(nil))"},
	}, dialect},
	{"backslashes mean the same under any standard_conforming_strings", []edit{
		{"internal/dialect/literal.go", "return \"E\" + quoted(strings.ReplaceAll(s, `\\`, `\\\\`))",
			"return quoted(s)"},
	}, dialect},
	{"strings are UTF-8 without NUL when printed", []edit{
		{"internal/dialect/literal.go", `return utf8.ValidString(n.Text) && !strings.Contains(n.Text, "\x00")`,
			"return utf8.ValidString(n.Text) || true"},
	}, dialect},
	{"literals are checked again when printed", []edit{
		{"internal/dialect/literal.go", "return ok && form.MatchString(n.Text)",
			"return ok || form.MatchString(n.Text)"},
	}, dialect},
	{"integers are checked again when printed", []edit{
		{"internal/dialect/literal.go", `return n.Text != "" && strings.Trim(n.Text, "0123456789") == ""`,
			`return n.Text != ""`},
	}, dialect},
	{"dates are parsed and written anew", []edit{
		{"internal/mysql/literal.go", "\ttext, ok := normal(val)\n\tif !ok {\n\t\tc.fail(fault.Unsupported, pos, \"this is not \"+want",
			"\ttext, ok := val, true\n\tif !ok {\n\t\tc.fail(fault.Unsupported, pos, \"this is not \"+want"},
	}, mysql},
	{"two minus signs never meet", []edit{
		{"internal/dialect/overflow.go", `p.write("(-")`,
			`p.write("-")`},
		{"internal/dialect/overflow.go", "\t\tp.expr(p.number(n.X), primary)\n\t}\n\tp.write(\")\")\n",
			"\t\tp.expr(p.number(n.X), primary)\n\t}\n"},
	}, dialect},
	{"operators keep their parentheses", []edit{
		{"internal/dialect/expr.go", "if p.levelOf(e) < needed {",
			"if p.levelOf(e) < needed && false {"},
	}, dialect},
	{"an unresolved column is not printed", []edit{
		{"internal/dialect/expr.go", `p.fail(fault.Internal, n.Pos, "a column name is not resolved")`,
			"p.ident(n.Pos, n.Parts[0])"},
	}, dialect},
	{"an unresolved table is not printed", []edit{
		{"internal/dialect/from.go", `p.fail(fault.Internal, t.Pos, "a table name is not resolved")`,
			"p.ident(t.Pos, t.Parts[0])"},
	}, dialect},
	{"LIMIT is checked again when printed", []edit{
		{"internal/dialect/query.go", `p.fail(fault.Internal, pos, "LIMIT is neither a number nor a placeholder")`,
			"p.expr(e, lowest)"},
	}, dialect},

	// Placeholders and identity: R11 and R13; classes 2.10 and 2.18.
	{"placeholders and values are counted", []edit{
		{"rls/plan.go", "if p.params != len(args) {",
			"if p.params != len(args) && false {"},
	}, core},
	{"named and numbered placeholders are refused", []edit{
		{"internal/mysql/words.go", "if text[t.start] != '?' {",
			"if text[t.start] != '?' && false {"},
	}, mysql},
	{"named values are refused", []edit{
		{"rls/statement.go", "case sql.NamedArg, *sql.NamedArg:",
			"case *sql.NamedArg:"},
	}, core},
	{"the fingerprint covers the values", []edit{
		{"rls/fingerprint.go", "out = appendValue(out, a)",
			"_, out = a, appendValue(out, nil)"},
	}, core},
	{"the fingerprint covers the policies", []edit{
		{"rls/statement.go", "string(policies[:])",
			"string(policies[:0])"},
	}, core},
	{"the fingerprint covers the model", []edit{
		{"rls/statement.go", "string(model[:])",
			"string(model[:0])"},
	}, core},
	{"a prepared statement is enforced at each execution", []edit{
		{"rls/stmt.go", "if s.last != nil && s.last.sql == st.SQL && s.last.open == 0 {",
			"if s.last != nil && s.last.open == 0 {"},
	}, connector},
	{"a prepared statement holds enforced text", []edit{
		{"rls/stmt.go", "s.last, err = prepare(ctx, s.conn.inner, st.SQL)",
			"s.last, err = prepare(ctx, s.conn.inner, s.query)"},
	}, connector},
	{"ErrSkip stays inside", []edit{
		{"rls/inner.go", "if errors.Is(err, driver.ErrSkip) {",
			"if errors.Is(err, driver.ErrSkip) && false {"},
	}, connector},
	{"no session, no transaction", []edit{
		{"rls/conn.go", "\tif !ok {\n\t\treturn session.Session{}, c.noSession(ctx, query)\n\t}\n",
			"\t_ = ok\n"},
	}, connector},
	{"a call without context prepares nothing", []edit{
		{"rls/conn.go", "return nil, c.noSession(context.Background(), query)",
			"return c.inner.Prepare(query)"},
	}, connector},
	{"Driver gives no raw connection", []edit{
		{"rls/connector.go", "func (c *connector) Driver() driver.Driver { return sealedDriver{} }",
			"func (c *connector) Driver() driver.Driver { return c.inner.Driver() }"},
	}, connector},
	{"arguments of calls are positional", []edit{
		{"rls/inner.go", `if nv.Name != "" || isNamed {`,
			`if nv.Name != "" && isNamed {`},
	}, connector},
	{"a result has the statement's columns", []edit{
		{"rls/rows.go", "if len(inner.Columns()) != len(columns) {",
			"if len(inner.Columns()) != len(columns) && false {"},
	}, connector},
	{"a cursor is no value", []edit{
		{"rls/rows.go", "if nested, ok := v.(driver.Rows); ok {",
			"if nested, ok := v.(driver.Rows); ok && false {"},
	}, connector},
	{"Exec tells nothing of the connection", []edit{
		{"rls/rows.go", "func (readResult) RowsAffected() (int64, error) { return 0, nil }",
			"func (readResult) RowsAffected() (int64, error) { return 1, nil }"},
	}, connector},

	// Projects: nothing of one reaches another, or anybody who may not have it.
	{"a session is its project's", []edit{
		{"rls/project/project.go", "return s.Valid() && (s.Schema() == st.enforcer.Schema() || slices.Contains(st.former, weak.Make(s.Schema())))",
			"return s.Valid()"},
	}, project},
	{"a default of before isn't carried over", []edit{
		{"rls/project/project.go", "if st.outdated(s.Schema(), name, v) {",
			"if false {"},
	}, project},
	{"a deleted project stays deleted, an old change old", []edit{
		{"rls/project/reload.go", "\tp, err := r.hold(ctx, rec.id)\n\tif err != nil {\n\t\treturn nil, err\n\t}\n\tdefer p.loading.give()\n\terr = r.change(",
			"\terr := r.change("},
		{"rls/project/reload.go", "\t\treturn write(tx)\n\t})\n",
			"\t\treturn write(tx)\n\t})\n\tp, holdErr := r.hold(ctx, rec.id)\n\tif holdErr != nil {\n\t\treturn nil, holdErr\n\t}\n\tdefer p.loading.give()\n"},
	}, project},
	{"fingerprints are the project's", []edit{
		{"rls/project/project.go", "rls.Isolation{Scope: r.pool(),",
			"rls.Isolation{Scope: r.pool()[:0],"},
	}, project},
	{"an inactive project takes no queries", []edit{
		{"rls/project/project.go", "case !st.record.active:",
			"case !st.record.active && false:"},
	}, project},
	{"a connection is to the database of now", []edit{
		{"rls/project/project.go", "if err == nil && st.record.connection != r.connection {",
			"if err == nil && st.record.connection != r.connection && false {"},
	}, project},
	{"a sealed DSN is its project's", []edit{
		{"rls/project/connect.go", `return "project/" + id + "/dsn"`,
			`return "project/" + id[:0] + "/dsn"`},
	}, project},
	{"a secret is stored sealed only", []edit{
		{"rls/project/connect.go", "if holdsSecret(string(dsn)) {",
			"if holdsSecret(string(dsn)) && false {"},
	}, project},
	{"errors of drivers are scrubbed", []edit{
		{"rls/project/connect.go", "ErrConnection, vault.Scrub(err, dsn))",
			"ErrConnection, err)"},
	}, project},
	{"a DSN prints nothing", []edit{
		{"rls/project/spec.go", "_, _ = io.WriteString(f, redacted)",
			"_, _ = io.WriteString(f, string(d))"},
	}, project},
	{"a version that isn't current is refused", []edit{
		{"rls/project/registry.go", "if err == nil && rec.version != version {",
			"if err == nil && rec.version != version && false {"},
		{"rls/project/registry.go", "if old.version != version {",
			"if old.version != version && false {"},
	}, project},
	{"keys that were revoked elsewhere are forgotten", []edit{
		{"rls/project/reload.go", "r.keys.Sync(ctx, r.seen)",
			"r.keys.Sync(ctx, now)"},
	}, project},
	{"rows that were read are in the history", []edit{
		{"rls/project/history.go", "driver.ErrBadConn) && r.Rows == 0 {",
			"driver.ErrBadConn) {"},
	}, project},
	{"an inactive project is so in all instances", []edit{
		{"rls/project/reload.go", "rec.id != \"\" && !rec.active {",
			"rec.id != \"\" && false {"},
	}, project},
	{"Close can be repeated", []edit{
		{"rls/project/registry.go", "r.ended = err == nil",
			"r.ended = true"},
	}, project},
	{"a rollout is taken over whatever the clocks say", []edit{
		{"rls/project/rollout_store.go", "now.Sub(store.Time(touched)).Abs() < r.lease",
			"now.Sub(store.Time(touched)) < r.lease"},
	}, project},
	{"a rollout ends with its registry", []edit{
		{"rls/project/rollout_run.go", "\t\tif err := run.registry.open(); err != nil {\n\t\t\treturn err\n\t\t}\n\t\tresult, err := do(id)",
			"\t\tresult, err := do(id)"},
	}, project},
	{"a commit isn't cut off", []edit{
		{"internal/store/tx.go", "conn.ExecContext(sure, \"COMMIT\")",
			"conn.ExecContext(ctx, \"COMMIT\")"},
		{"internal/store/tx.go", "\tsure, cancel := ",
			"\t_, cancel := "},
	}, project},
	{"what is given for a driver isn't shown", []edit{
		{"rls/project/connect.go", "\"no such driver is registered, only %s; import it\", strings.Join(sql.Drivers(), \", \"))",
			"\"no such driver is registered: %s\", c.Driver)"},
	}, project},
	{"a strange session shows in no history", []edit{
		{"rls/project/history.go", "if st.own(s) {",
			"if s.Valid() {"},
	}, project},
	{"a rollout compiles for all first", []edit{
		{"rls/project/rollout.go", "if wrong != nil && !o.SkipInvalid {",
			"if wrong != nil && !o.SkipInvalid && false {"},
	}, project},
	{"one instance runs a rollout", []edit{
		{"rls/project/rollout_store.go", "if err == nil && n == 0 {",
			"if err == nil && n == 0 && false {"},
	}, project},
	{"what was changed since isn't rolled back", []edit{
		{"rls/project/rollout_run.go", "if now.version != version {",
			"if now.version != version && false {"},
	}, project},
	{"open connections obey the policies of now", []edit{
		{"rls/live.go", "\te, s, err := l.Choose(ctx, s)\n\tif err != nil {\n\t\treturn nil, err\n\t}\n",
			"\te, _, err := l.Choose(ctx, s)\n\tif err != nil {\n\t\treturn nil, err\n\t}\n"},
	}, project},

	// What is told: R14; the decision hook.
	{"session properties are redacted", []edit{
		{"session/redact.go", "if !p.Loggable {",
			"if !p.Loggable && false {"},
	}, session},
	{"the true reason is not in the error", []edit{
		{"rls/errors.go", "Message: f.Msg, Hint: f.Hint,",
			"Message: f.Msg, Hint: f.Hint + f.Reason,"},
	}, core},
	{"the hook hears of refusals", []edit{
		{"rls/rls.go", "\trefusal := newError(err, query)\n\tif e.cfg.OnDecision != nil {",
			"\trefusal := newError(err, query)\n\tif e.cfg.OnDecision != nil && false {"},
	}, core},
	{"errors of other kinds are denials", []edit{
		{"rls/errors.go", "return target == ErrDenied\n\t}\n}",
			"return false\n\t}\n}"},
	}, core},
	{"a policy file is one whole", []edit{
		{"policy/parse.go", "\tif err := l.file.Err(); err != nil {\n\t\treturn nil, err\n\t}\n",
			"\t_ = l.file.Err()\n"},
	}, policy},
	{"a when reads the session only", []edit{
		{"internal/rules/compile.go", "\ttree, problems := c.check(nil, text)\n",
			"\tvar d *semantic.Dataset\n\tfor d = range c.model.Datasets() {\n\t\tbreak\n\t}\n\ttree, problems := c.check(d, text)\n"},
		{"internal/rules/compile.go", "p.When, _, problems = c.translate(nil, text,",
			"p.When, _, problems = c.translate(d, text,"},
	}, policy},

	// The copy of a tenant's rows into a database of their own.
	{"a copy that differs is found out", []edit{
		{"internal/transfer/run.go", "if got != have {",
			"if got != have && false {"},
	}, transfer},
	{"rows that the source counts and doesn't give are missed", []edit{
		{"internal/transfer/run.go", "if b.content.rows != total {",
			"if b.content.rows != total && false {"},
	}, transfer},
	{"all datasets are read at one moment", []edit{
		{"internal/transfer/kind.go", "snapshot: sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},\n\tparams:   65535,\n\ttypes:",
			"snapshot: sql.TxOptions{Isolation: sql.LevelReadCommitted, ReadOnly: true},\n\tparams:   65535,\n\ttypes:"},
	}, transfer},
	{"rows that nobody knows aren't cleared away", []edit{
		{"internal/transfer/run.go", "if have != s.owned {",
			"if have != s.owned && false {"},
		{"internal/transfer/target.go", "if err == nil && n != owned.rows {",
			"if err == nil && n != owned.rows && false {"},
	}, transfer},
	{"a table with rows isn't claimed", []edit{
		{"internal/transfer/target.go", "case mine == 0 && !s.empty:",
			"case mine == 0 && !s.empty && false:"},
	}, transfer},
	{"a run that was overtaken stops", []edit{
		{"internal/transfer/target.go", "if run != t.token {",
			"if run != t.token && false {"},
	}, transfer},
	{"a batch and its record are one transaction", []edit{
		{"internal/transfer/target.go", "t.record(ctx, tx, d, after)",
			"t.record(ctx, tx, d, content{})"},
	}, transfer},
	{"a computed field finds its columns in the copy", []edit{
		{"internal/transfer/plan.go", "if _, ok := d.column(name); !ok {",
			"if _, ok := d.column(name); !ok && false {"},
	}, transfer},
	// CEL to SQL: random policies are held against cel-go on every database.
	{"a written list with an error in it is unknown", []edit{
		{"internal/rules/macro.go", "if item.Kind() != ast.LiteralKind {",
			"if t.dependent(item) {"},
	}, agreementSQLite},
	{"a session's list with an error in it is unknown", []edit{
		{"internal/rules/residual.go", "return ast.Null() // in CEL a list with an error in it is one",
			"return ast.False()"},
	}, agreementSQLite},
	{"the conditions of ?: exclude each other", []edit{
		{"internal/rules/compile.go", "{Cond: definitely(&ast.Not{X: cond}), Then: ",
			"{Cond: ast.True(), Then: "},
	}, agreementSQLite},
	{"exists_one over rows is unknown where a body is", []edit{
		{"internal/rules/macro.go", "return &sql.Case{Whens: []sql.When{{Cond: unknown, Then: sql.Null()}},",
			"_ = unknown\n\t\treturn &sql.Case{Whens: []sql.When{{Cond: sql.False(), Then: sql.Null()}},"},
	}, agreementSQLite},
	{"all over rows finds the row that fails", []edit{
		{"internal/rules/macro.go", "{Cond: children.exists(&sql.Not{X: body}), Then: sql.False()},",
			"{Cond: children.exists(body), Then: sql.False()},"},
	}, agreementSQLite},
	{"a negated parent's condition needs the parent", []edit{
		{"internal/rules/hop.go", "{Cond: p.exists(&ast.Not{X: cond}), Then: ast.False()},",
			"{Cond: &ast.Not{X: p.exists(cond)}, Then: ast.False()},"},
	}, agreementSQLite},
	{"hops compare strings by code point", []edit{
		{"internal/rules/hop.go", "Exact: mayBeString(far.dataset, pair[1]) && mayBeString(near.dataset, pair[0]),",
			"Exact: false,"},
	}, agreementSQLite},
	{"the keys of a session's map compare by code point", []edit{
		{"internal/rules/residual.go", "step*i), Exact: true}",
			"step*i)}"},
	}, agreementSQLite},
	{"months count from zero", []edit{
		{"internal/rules/time.go", `"getMonth": {ast.Month, 1}`,
			`"getMonth": {ast.Month, 0}`},
	}, agreementSQLite},
	{"the rules of a dataset don't share aliases", []edit{
		{"internal/rules/compile.go", "tables: c.tables[d], places",
			"tables: 0, places"},
	}, agreementSQLite},
	{"what is NULL for a session has no type", []edit{
		{"internal/rules/simplify.go", "if alwaysNull(out) {",
			"if alwaysNull(out) && false {"},
	}, agreementPostgreSQL},
	{"equality by code point stands beside the plain one", []edit{
		{"internal/dialect/predicate.go", "p.beside(func() { p.exactSides(n, word) })",
			"p.beside(func() { p.write(\"TRUE\") })"},
	}, agreementMariaDB},
	{"IN by code point stands beside the plain one", []edit{
		{"internal/dialect/predicate.go", "p.beside(func() { p.exactIn(n) })",
			"p.beside(func() { p.write(\"TRUE\") })"},
	}, agreementMariaDB},
	{"every element of a session's list is searched", []edit{
		{"internal/dialect/predicate.go", "out.List[i] = &ast.Slot{ID: s.ID, Elem: i,",
			"out.List[i] = &ast.Slot{ID: s.ID, Elem: 0,"},
	}, agreementSQLite},
	{"SQLite: overflow is unknown", []edit{
		{"internal/dialect/sqlite.go", `(SELECT CASE TYPEOF("v") WHEN 'integer' THEN "v" END FROM`,
			`(SELECT "v" FROM`},
	}, agreementSQLite},
	{"SQLite: startsWith is by code point", []edit{
		{"internal/dialect/sqlite.go", "(INSTR($1, $2) = 1)",
			"(SUBSTR($1, 1, LENGTH($2)) = $2)"},
	}, agreementSQLite},
	{"SQLite: everything ends with nothing", []edit{
		{"internal/dialect/sqlite.go", "0 - LENGTH(HEX($2)), LENGTH(HEX($2)))",
			"0 - LENGTH(HEX($2)))"},
	}, agreementSQLite},
	{"SQLite: a text goes on behind a NUL", []edit{
		{"internal/dialect/sqlite.go", "CASE WHEN ` + sqliteWithoutNUL + ` THEN LENGTH(\"x\") END",
			"LENGTH(\"x\")"},
	}, extremes},
	{"SQLite: a BLOB is no string", []edit{
		{"internal/dialect/sqlite.go", `"cel.from_string":  tmpl("CASE TYPEOF($1) WHEN 'text' THEN $1 END")`,
			`"cel.from_string":  tmpl("$1")`},
	}, extremes},
	{"PostgreSQL: a far date is unknown", []edit{
		{"internal/dialect/postgresql.go", `Low: "$1 >= " + postgresFirstDay`,
			`Low: "$1 IS NOT NULL"`},
	}, extremes},
	{"MariaDB: a zero date is unknown", []edit{
		{"internal/dialect/mysql.go", `"cel.from_date":     {Beside: "CAST($1 AS DATETIME(6))", Low: "$1 + INTERVAL 0 DAY >= '0001-01-01'"`,
			`"cel.from_date":     {Beside: "CAST($1 AS DATETIME(6))", Low: "$1 IS NOT NULL"`},
	}, extremes},
	{"MariaDB: NULL makes a joined string NULL under any sql_mode", []edit{
		{"internal/dialect/mysql.go", "INSERT(INSERT('  ', 2, 1, $2), 1, 1, $1)",
			"CONCAT($1, $2)"},
	}, unset},
	{"MariaDB: NULL isn't what was inserted last", []edit{
		{"internal/dialect/mysql.go", `NullTest: "$1 <=> NULL"`,
			`NullTest: "$1 IS NULL"`},
	}, unset},
	{"a comparison with what can't be computed isn't printed", []edit{
		{"internal/rules/simplify.go", "if e.Op != ast.NullSafeEq && (isNullLiteral(e.Left) || isNullLiteral(e.Right)) {",
			"if false {"},
	}, unset},
	{"a negation of a comparison is the opposite one", []edit{
		{"internal/rules/hop.go", "ast.Lt: ast.Ge, ast.Ge: ast.Lt,",
			"ast.Lt: ast.Gt, ast.Ge: ast.Lt,"},
	}, language},
	{"SQLite: a date is its midnight", []edit{
		{"internal/dialect/sqlite.go", "THEN $1 || ' 00:00:00' END",
			"THEN $1 END"},
	}, agreementSQLite},
	{"PostgreSQL: division by zero is unknown", []edit{
		{"internal/dialect/postgresql.go", `"cel.div": postgresInt("DIV(CAST($1 AS numeric), NULLIF(CAST($2 AS numeric), 0))")`,
			`"cel.div": postgresInt("DIV(CAST($1 AS numeric), CAST($2 AS numeric))")`},
	}, agreementPostgreSQL},
	{"PostgreSQL: division truncates", []edit{
		{"internal/dialect/postgresql.go", `"cel.div": postgresInt("DIV(CAST($1 AS numeric), NULLIF(CAST($2 AS numeric), 0))")`,
			`"cel.div": postgresInt("FLOOR(CAST($1 AS numeric) / NULLIF(CAST($2 AS numeric), 0))")`},
	}, agreementPostgreSQL},
	{"PostgreSQL: instants are in UTC", []edit{
		{"internal/dialect/postgresql.go", "THEN CAST($1 AS timestamptz) AT TIME ZONE 'UTC' END",
			"THEN CAST($1 AS timestamp) END"},
		{"internal/dialect/postgresql.go", `{Beside: "($1 AT TIME ZONE 'UTC')",`,
			`{Beside: "$1",`},
	}, agreementPostgreSQL},
	{"MariaDB: instants are in UTC", []edit{
		{"internal/dialect/mysql.go", "CAST('1970-01-01' + INTERVAL NULLIF(UNIX_TIMESTAMP($1), 0) SECOND AS DATETIME(6))",
			"CAST($1 AS DATETIME(6))"},
	}, agreementMariaDB},
	{"MariaDB: strings compare by their bytes", []edit{
		{"internal/dialect/mysql.go", `return "CAST(CONVERT(" + arg + " USING utf8mb4) AS BINARY)"`,
			"return arg"},
	}, agreementMariaDB},
	{"MariaDB: a size is in code points", []edit{
		{"internal/dialect/mysql.go", `"cel.size":        tmpl("CHAR_LENGTH($1)")`,
			`"cel.size": tmpl("LENGTH($1)")`},
	}, agreementMariaDB},
	{"MariaDB: overflow is unknown", []edit{
		{"internal/dialect/mysql.go", `" + 9223372036854775809, 18446744073709551617), 0)`,
			`" + 9223372036854775809, 18446744073709551618), 0)`},
	}, agreementMariaDB},
	{"MariaDB: the lowest number divided by -1 is unknown", []edit{
		{"internal/dialect/mysql.go", `tmpl("CASE WHEN $2 = -1 THEN "`,
			`tmpl("CASE WHEN $2 = -1 AND FALSE THEN "`},
	}, agreementMariaDB},
	// The language of rules: what CEL has as an error hides the row.
	{"a duration is bound in microseconds", []edit{
		{"internal/rules/bind.go", "return v.Microseconds(), nil",
			"return int64(v), nil"},
	}, language},
	{"a duration finer than microseconds isn't bound", []edit{
		{"internal/rules/bind.go", "if v%time.Microsecond != 0 {",
			"if false {"},
	}, language},
	{"a list of the session holds nothing that would be rounded", []edit{
		{"internal/rules/bind.go", "\t\tout, err := bindableAll(v)\n\t\treturn out, err\n",
			"\t\treturn v, nil\n"},
	}, language},
	{"a constant that CEL can't compute is refused", []edit{
		{"internal/rules/compile.go", "if err := usable(program); err != nil {",
			"if err := usable(program); err != nil && false {"},
	}, language},
	{"a duration that is too long is unknown", []edit{
		{"internal/rules/time.go", "return within(call(\"cel.add\", x, y), maxDuration)",
			"return call(\"cel.add\", x, y)"},
		{"internal/rules/time.go", "return within(call(\"cel.elapsed\", x, y), maxElapsed)",
			"return call(\"cel.elapsed\", x, y)"},
	}, language},
	{"a timestamp minus a duration is earlier", []edit{
		{"internal/rules/time.go", "return call(\"cel.later\", x, call(\"cel.neg\", y))",
			"return call(\"cel.later\", x, y)"},
	}, language},
	{"seconds since 1970 are in CEL's range", []edit{
		{"internal/rules/time.go", "call(\"cel.mul\", between(x, firstSecond, lastSecond), number(microsPerSecond))",
			"call(\"cel.mul\", x, number(microsPerSecond))"},
	}, tests{"./rls", "^TestPredicates$/^postgresql$"}},
	{"whole seconds round down before 1970", []edit{
		{"internal/rules/time.go", "call(\"cel.add\", call(\"cel.div\", sinceYearOne(x), number(microsPerSecond)), number(firstSecond))",
			"call(\"cel.div\", call(\"cel.elapsed\", x, epoch()), number(microsPerSecond))"},
	}, language},
	{"an accessor's offset has its sign", []edit{
		{"internal/rules/time.go", `if m[1] == "-" {`,
			`if m[1] == "+" {`},
	}, language},
	{"an accessor's time zone is an offset", []edit{
		{"internal/rules/time.go", "\tif m == nil {\n\t\treturn 0, false\n",
			"\tif m == nil {\n\t\treturn 0, true\n"},
	}, language},
	{"text that is no date is unknown", []edit{
		{"internal/dialect/sqlite.go", `return "STRFTIME('%Y-%m-%d %H:%M:%S', SUBSTR(" + x + ", 1, 19)) = SUBSTR(" + x + ", 1, 19) AND " + x + " >= '0001'"`,
			`return x + " >= '0001'"`},
	}, language},
	{"infinite points in time are unknown on PostgreSQL", []edit{
		{"internal/dialect/postgresql.go", `"NULLIF(NULLIF(LEAST(GREATEST(" + x + ", " + before + "), " + behind + "), " + behind + "), " + before + ")"`,
			`"(" + x + ")" + before[:0] + behind[:0]`},
	}, moments},
	{"dates before the year 1 are unknown on MariaDB", []edit{
		{"internal/dialect/mysql.go", `return "CASE WHEN " + x + " >= TIMESTAMP '0001-01-01 00:00:00' THEN " + x + " END"`,
			`return "(" + x + ")"`},
	}, moments},
	{"a comparison of truth values is unknown where one is", []edit{
		{"internal/rules/compile.go", "{Cond: &ast.Not{X: cond}, Then: number(0)}}}",
			"{Cond: ast.True(), Then: number(0)}}}"},
	}, language},
	{"an unknown truth value is in no list", []edit{
		{"internal/rules/compile.go", "return &ast.Case{Whens: []ast.When{{Cond: &ast.Is{X: cond, Kind: ast.IsUnknown, Not: true}, Then: found}}}",
			"return found"},
	}, language},
	{"exists_one counts every element", []edit{
		{"internal/rules/macro.go", "return &sql.Compare{Op: sql.Eq, Left: sum, Right: one()}",
			"return &sql.Compare{Op: sql.Ge, Left: sum, Right: one()}"},
	}, language},
	{"only a constant that isn't empty is replaced", []edit{
		{"internal/rules/functions.go", `case fn == "cel.replace" && !isText(c.Args()[0]):`,
			`case fn == "cel.replace" && false:`},
	}, language},
	{"an empty string is found by its length on SQLite", []edit{
		{"internal/dialect/sqlite.go", `WHEN OCTET_LENGTH("s") = 0 THEN MIN("a", LENGTH("x"))`,
			`WHEN "s" = ' ' THEN MIN("a", LENGTH("x"))`},
	}, language},
	{"an offset out of range is unknown", []edit{
		{"internal/dialect/sqlite.go", "sqlitePiece(`\"a\" >= 0 AND \"a\" <= \"b\" AND \"b\" <= LENGTH(\"x\")`",
			"sqlitePiece(`\"a\" >= 0`"},
	}, language},
	{"an empty string isn't found in NULL on PostgreSQL", []edit{
		{"internal/dialect/postgresql.go", `CHAR_LENGTH("s") = 0 AND "x" IS NOT NULL THEN LEAST`,
			`CHAR_LENGTH("s") = 0 THEN LEAST`},
	}, servers},
	{"searching minds case on PostgreSQL and MariaDB", []edit{
		{"internal/dialect/mysql.go", `" WHEN LOCATE(" + mysqlBytes("$2") + ", " + mysqlRest + ") > 0`,
			`" WHEN LOCATE($2, $1) > 0`},
	}, servers},
	{"an offset that is too large doesn't overflow", []edit{
		{"internal/dialect/standard.go", `return "LEAST(GREATEST(" + x + ", -1), 1073741823)"`,
			`return "(" + x + ")"`},
	}, servers},
	{"trim takes all white space", []edit{
		{"internal/dialect/space.go", `\u2028\u2029\u202f`,
			`\u2028\u202f`},
	}, servers},
	{"New prints every rule", []edit{
		{"rls/rls.go", "if err := capable(cfg.Policies, model, cfg.Dialect.d); err != nil {",
			"if err := capable(cfg.Policies, model, cfg.Dialect.d); err != nil && false {"},
	}, language},
	{"New leaves no branch of a rule out", []edit{
		{"internal/rules/sample.go", "return combined(c.Func, c.Args[2:])",
			"return ast.False()"},
	}, language},
	// Credentials and history of projects.
	{"a token needs the key's secret", []edit{
		{"internal/keys/ring.go", "if !same {",
			"if !same && false {"},
	}, keys},
	{"a revoked key is refused", []edit{
		{"internal/keys/keys.go", "case !k.Revoked.IsZero():",
			"case false:"},
	}, keys},
	{"an expired key is refused", []edit{
		{"internal/keys/keys.go", "case !k.Expires.IsZero() && !now.Before(k.Expires):",
			"case false:"},
	}, keys},
	{"a remembered key is asked for again", []edit{
		{"internal/keys/ring.go", "age >= 0 && age < r.cfg.MaxAge",
			"age >= 0"},
	}, keys},
	{"a key that was read before a change isn't remembered", []edit{
		{"internal/keys/ring.go", "if r.forgotten != forgotten {",
			"if r.forgotten != forgotten && false {"},
	}, keys},
	{"only a project's own keys can be revoked", []edit{
		{"internal/keys/write.go", "WHERE id = ? AND project = ?`, id, project)",
			"WHERE id = ?`, id)"},
	}, keys},
	{"a project sees its own history only", []edit{
		{"internal/history/table.go", "WHERE project = ?`+where",
			"WHERE (project = ? OR TRUE)`+where"},
	}, history},
	{"a living process keeps its spool", []edit{
		{"internal/history/spool.go", "locked && current(f)",
			"(locked || true) && current(f)"},
	}, history},
	{"an entry leaves the spool when it is in the store", []edit{
		{"internal/history/spool.go", "return entries, func() { seg.offset = end }, nil",
			"seg.offset = end\n\t\t\treturn entries, func() {}, nil"},
	}, history},
	{"an entry is stored once", []edit{
		{"internal/history/table.go", " ON CONFLICT (id) DO NOTHING",
			""},
	}, history},
	{"replacing by NULL is unknown on MariaDB", []edit{
		{"internal/dialect/mysql.go", `"CASE WHEN $3 IS NOT NULL THEN " + mysqlReplaced(`,
			`"CASE WHEN TRUE THEN " + mysqlReplaced(`},
	}, servers},
	{"a decimal counts as a double", []edit{
		{"internal/rules/compile.go", "semantic.Decimal: fromDecimal,",
			"semantic.Decimal: \"cel.from_integer\","},
	}, numbers},
	{"a float of 32 bits doesn't round what it is compared with", []edit{
		{"internal/dialect/postgresql.go", `tmpl("NULLIF(CAST($1 AS double precision), 'NaN')")`,
			`tmpl("NULLIF($1, 'NaN')")`},
	}, numbers},
	{"NaN is unknown", []edit{
		{"internal/dialect/postgresql.go", `tmpl("NULLIF(CAST($1 AS double precision), 'NaN')")`,
			`tmpl("CAST($1 AS double precision)")`},
	}, numbers},
	{"fields of one table compare by code point alone", []edit{
		{"internal/dialect/predicate.go", "len(columns) == 2 && columns[0].Table != columns[1].Table",
			"len(columns) == 2"},
	}, numbers},
	{"MariaDB: an unsigned number is divided as any other", []edit{
		{"internal/dialect/mysql.go", "CAST($1 AS DECIMAL(65)) DIV NULLIF(CAST($2 AS DECIMAL(65)), 0)",
			"$1 DIV NULLIF($2, 0)"},
	}, numbers},
	{"a proof takes no two steps without a key for one", []edit{
		{"internal/rules/formula.go", "return apartMark + strconv.Itoa(b.chosen)",
			"return apartMark"},
	}, proofs},
	{"a proof takes no list behind such a step for the same", []edit{
		{"internal/rules/formula.go", "unique += b.noteList(v, x)",
			"b.noteList(v, x)"},
	}, proofs},
	{"a proof minds NaN", []edit{
		{"internal/rules/formula.go", "case b.mayBeNaN(x) || b.mayBeNaN(y):",
			"case false:"},
	}, proofs},
	{"an empty rule is no rule, and refused", []edit{
		{"policy/parse.go", "\tl.checkEmpty(m)\n",
			""},
	}, tests{"./policy", "^TestNothingIsEmpty$"}},
	{"a part at an offset is taken within CEL's years", []edit{
		{"internal/rules/time.go", "number(offset-cycle)), cycleYears)",
			"number(offset)), 0)"},
	}, language},
	{"a part at an offset has its own year", []edit{
		{"internal/rules/time.go", "less -= early",
			"less += early"},
	}, language},

	// A promotion: a project is active as the whole copy, once, or not at all.
	{"a project is activated after its copy", []edit{
		{"rls/project/promote.go", "if err == nil {\n\t\treport.Version",
			"if true {\n\t\treport.Version"},
	}, promotion},
	{"a project that takes queries is no target", []edit{
		{"rls/project/promote_store.go", "case rec.active:",
			"case rec.active && false:"},
	}, promotion},
	{"who lost a promotion doesn't activate", []edit{
		{"rls/project/promote_store.go", "if err == nil && n == 0 {\n\t\treturn ErrPromotionBusy\n",
			"if err == nil && n == 0 && false {\n\t\treturn ErrPromotionBusy\n"},
	}, promotion},
	{"a promotion is for one model and database", []edit{
		{"rls/project/promote.go", "rec.model.hash != copied.model.hash ||",
			"false ||"},
		{"rls/project/promote.go", "|| rec.connection != copied.connection",
			""},
	}, promotion},
	{"a promotion that is done is done", []edit{
		{"rls/project/promote_store.go", "case version > 0:",
			"case version > 0 && !rec.active:"},
	}, promotion},
}

package main

// Some tests are much faster than their packages, and notice as well.
var (
	core      = tests{"./rls", `^(TestAdversarial|TestFence|TestErrorsTellNothing)$/sqlite|^(TestHiddenLooksMissing|TestThreat_Positions|TestThreat_FunctionArguments|TestMutationGap.*|TestThreat_2_.*|TestThreat_R.*|TestUnclassifiedErrorsDeny|TestPlaceholders|TestCombination|TestStatement|TestDecisionOfFields|TestFingerprint|TestDatasetWithoutPolicy|TestOutcomes|TestNewRefuses|TestNoSession|TestZeroEnforcer|TestErrorIs|TestErrorPlace|TestLimitsAreBounded|TestLogDecisions|TestConnectorTellsTheHook|TestHookSeesEveryOutcome)$`}
	budget    = tests{"./rls", "^TestExponentialQueries$"}
	connector = tests{"./rls", "^Test(Raw|NoSession|Refused|Calls|What|Prepared|Open|ErrSkip|Caller|Argument|Inner|Columns?|Strange|Exec|Driver|Connector|MutationGap)"}
	plans     = tests{"./rls", "^Test(Plans.*|Isolated.*|Statements.*)$"}
	policy    = tests{"./policy ./rls", "^(Test(Parse|TenMistakes|Refused|Agreement|Combination|MutationGap|Threat_2_08|Threat_2_20)|FuzzPolicy)"}
	paths     = tests{"./rls", "^(TestPaths|TestMutationGap.*)$"}
	mysql     = tests{"./internal/mysql", ""}
	dialect   = tests{"./internal/dialect", "^Test(Golden$|Hostile|NoComment|Parameters|Precedence|Unresolved|Refused|Supports)|^Test(Functions|GoldenRows|PolicyFunctions|Overflow)$/sqlite"}
	function  = tests{"./internal/function", ""}
	semantic  = tests{"./semantic", ""}
	session   = tests{"./session", ""}
	transfer  = tests{"./internal/transfer", "^Test(Mismatch|ForeignRow.*|Superseded|ShortRead|Snapshot|Killed|Child|Problems)$"}
	promotion = tests{"./rls/project", "^TestPromote(Refuses|Mismatch|Meanwhile|LeaseLostAtTheEnd|Once)?$"}
)

// mutations are the defences, in the order of the rules that they keep: R1 to R14
// of the threat model, and the classes of attack.
var mutations = []mutation{
	// Rows: R4, R8, R9; classes 2.6 and 2.8.
	{"a dataset without a permissive policy is denied", []edit{
		{"internal/rules/decide.go", "a.Denied = !permitted",
			"a.Denied = !permitted && false"},
	}, core},
	{"a row rule filters", []edit{
		{"internal/secure/secured.go", "if access.Rows != nil {",
			"if access.Rows != nil && false {"},
	}, core},
	{"restrictive rules don't permit", []edit{
		{"internal/rules/decide.go", "if p.Restrictive {",
			"if p.Restrictive && false {"},
	}, core},
	{"restrictive rules are joined by AND", []edit{
		{"internal/rules/decide.go", "a.Rows = simplify(&ast.And{X: append(restrictive",
			"a.Rows = simplify(&ast.Or{X: append(restrictive"},
	}, core},
	{"a policy that doesn't apply is left out", []edit{
		{"internal/rules/decide.go", "if !applies {",
			"if !applies && false {"},
	}, core},
	{"a when that can't be decided denies", []edit{
		{"internal/rules/decide.go", `return false, &MissingError{Policy: p.Name, Property: "of its when"}`,
			"return false, nil"},
		{"internal/rules/decide.go", "\tif missing != nil {",
			"\tif missing != nil && p.When == nil {"},
	}, policy},
	{"a property that is missing denies", []edit{
		{"internal/rules/decide.go", "\tif missing != nil {",
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
		{"rls/plan.go", "key := planKey{ruling.Shape(), query}",
			"key := planKey{ruling.Shape(), \"\"}"},
		{"rls/plan.go", "key.text = strings.Clone(query) // the caller's may be a part of something large\n",
			"_ = strings.Clone\n"},
	}, plans},
	{"plans differ by shape", []edit{
		{"rls/plan.go", "key := planKey{ruling.Shape(), query}",
			"key := planKey{\"\", query}"},
	}, plans},
	{"decisions on datasets differ by shape", []edit{
		{"internal/secure/secured.go", "key := securedKey{r.Shape(), d}",
			"key := securedKey{\"\", d}"},
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
			"var sharedRoom = make([]any, 6)\n\n// roomy is a statement"},
	}, plans},
	{"the zero session is refused", []edit{
		{"internal/rules/decide.go", "if !sess.Valid() || !s.Schema.Equivalent(sess.Schema()) {",
			"if sess.Valid() && !s.Schema.Equivalent(sess.Schema()) {"},
	}, core},
	{"an empty list of the session is nowhere", []edit{
		{"internal/rules/decide.go", "return nowhere(in.X)",
			"return ast.True()"},
	}, policy},
	{"x in [] is unknown for an unknown x, from the session", []edit{
		{"internal/rules/decide.go", "return nowhere(in.X)",
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
		{"internal/rules/decide.go", "if v[i] == 0 {",
			"if v[i] == 0 && false {"},
		{"internal/rules/decide.go", "if math.IsNaN(v) || math.IsInf(v, 0) {",
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
		{"internal/rules/decide.go", "a.Hidden[i] = true",
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
			"o.Hole.Body = &ast.Select{Items: []ast.SelectItem{{Expr: ast.Null(), Alias: \"id\"}}}\n\t\treturn nil"},
	}, core},
	{"a denied dataset looks like a missing one", []edit{
		{"internal/secure/secure.go", `return nil, resolve.UnknownDataset(name, pos).WithReason("no permissive`,
			`return nil, fault.New(fault.Denied, pos, "denied").WithReason("no permissive`},
	}, core},
	{"a hidden field looks like a missing one", []edit{
		{"internal/resolve/scope.go", `e.Reason = fmt.Sprintf("field`,
			`e.Hint = fmt.Sprintf("field`},
	}, core},

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
		{"internal/resolve/scope.go", "case len(refs) == 1:",
			"case len(refs) >= 1:"},
	}, core},
	{"two relations of one name are refused", []edit{
		{"internal/resolve/from.go", "if seen[rel.name] {",
			"if seen[rel.name] && false {"},
	}, core},
	{"a derived table doesn't see its siblings", []edit{
		{"internal/resolve/from.go", "q, cols := r.query(t.Query, s.parent, s.ctes, false)",
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
		{"internal/resolve/names.go", "n.used[key] || reserved != nil && reserved(key)",
			"reserved != nil && reserved(key)"},
	}, core},
	{"the table's own alias is taken", []edit{
		{"internal/resolve/names.go", "map[string]bool{TableAlias: true}",
			"map[string]bool{}"},
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
	{"risky expressions are fenced", []edit{
		{"internal/secure/secure.go", "\tv.fence(b)\n",
			"\tif false {\n\t\tv.fence(b)\n\t}\n"},
	}, core},
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
	{"a scalar subquery of many rows is risky", []edit{
		{"internal/secure/fence.go", "risky = !singleRow(x.Query)",
			"risky = false"},
	}, core},
	{"a field that can fail is risky", []edit{
		{"internal/secure/fence.go", "return Of(o).risky[i]",
			"return Of(o).risky[i] && false"},
	}, core},
	{"conditions run early", []edit{
		{"internal/resolve/query.go", "\tout := r.scalar(e, s)\n\tr.early(out)\n",
			"\tout := r.scalar(e, s)\n"},
	}, core},
	{"nested select lists run early", []edit{
		{"internal/resolve/query.go", "\tif !top {\n\t\tfor _, it := range items {\n",
			"\tif !top && false {\n\t\tfor _, it := range items {\n"},
	}, core},
	{"a risky expression behind a CTE fences what the CTE reads", []edit{
		{"internal/resolve/resolve.go", "\t\tfor i := r.From; i < r.To; i++ {\n\t\t\tstack",
			"\t\tfor i := r.From; i < r.From; i++ {\n\t\t\tstack"},
	}, core},
	{"a policy with a query in it is fenced too", []edit{
		{"internal/secure/fence.go", "if Of(o).asks {",
			"if Of(o).asks && false {"},
	}, paths},
	{"MariaDB caches no correlated query of a policy by collation", []edit{
		{"internal/dialect/mysql.go", `d.Uncached = "RAND() IS NOT NULL"`,
			`d.Uncached = ""`},
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
		{"internal/mysql/gate.go", "if len(toks) == lim.Nodes {",
			"if len(toks) == lim.Nodes && false {"},
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
		{"internal/resolve/query.go", "if !r.produce(pos, f.count()) {",
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
		{"internal/dialect/printer.go", "if p.text.Len() > MaxText {",
			"if p.text.Len() > MaxText && false {"},
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
			"out = appendValue(out, nil)"},
	}, core},
	{"the fingerprint covers the policies", []edit{
		{"rls/statement.go", "\th.Write(policies[:])\n",
			"\th.Write(policies[:0])\n"},
	}, core},
	{"the fingerprint covers the model", []edit{
		{"rls/statement.go", "\th.Write(model[:])\n",
			"\th.Write(model[:0])\n"},
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
		{"rls/rls.go", "\trefusal := newError(err, query)\n\te.decided(",
			"\trefusal := newError(err, query)\n\tif false {\n\t\treturn refusal\n\t}\n\t(&Enforcer{}).decided("},
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

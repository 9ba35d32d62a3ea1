package session

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// Property declares one property of a session.
type Property struct {
	// Name is a letter or underscore, then letters, digits and underscores, all
	// ASCII. It is no word that CEL reserves, and it differs from other
	// properties by more than case.
	Name string
	Type Type
	// Required properties must have a value in every session; they have no default.
	Required bool
	// Default is the value of a session that gives none; nil means that the
	// property is absent then, and policies that need it deny.
	Default any
	// Values lists the allowed values, or for a list or map type the allowed
	// elements; empty allows every value of the type.
	Values []any
	// Loggable lets printed sessions show the value.
	Loggable    bool
	Description string
}

// Schema is the set of properties that sessions have, in declared order. It is
// immutable and safe for concurrent use. The zero Schema has no properties.
type Schema struct {
	properties []Property // defaults and values are canonical
	index      map[string]int
	// origin is the schema that this one is a copy of, nil for none.
	origin *Schema
}

// NewSchema checks the declarations and makes a schema of them. It reports
// everything wrong at once, as joined *[Error] values.
func NewSchema(props ...Property) (*Schema, error) {
	s := &Schema{index: make(map[string]int, len(props))}
	var problems faults
	folded := make(map[string]string, len(props))
	for _, p := range props {
		checkName(p.Name, folded, &problems)
		s.index[p.Name] = len(s.properties)
		s.properties = append(s.properties, checkProperty(p, &problems))
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	return s, nil
}

func checkName(name string, folded map[string]string, problems *faults) {
	if !validName(name) {
		problems.add(name, "is not a valid name; use ASCII letters, digits and _, and start with a letter or _")
		return
	}
	if reserved(name) {
		problems.add(name, "is a reserved word of CEL; choose another name")
	}
	fold := strings.ToLower(name) // ASCII by validName
	if other, dup := folded[fold]; dup {
		problems.add(name, "is declared twice (names that differ only in case, as %q, count as one)", other)
	}
	folded[fold] = name
}

func checkProperty(p Property, problems *faults) Property {
	if !p.Type.valid() {
		problems.add(p.Name, "has no valid type")
		return p
	}
	p.Values = checkAllowed(p, problems)
	if p.Default == nil {
		return p
	}
	if p.Required {
		problems.add(p.Name, "is required and has a default; remove one of them")
	}
	value, err := p.canonical(p.Default)
	if err != nil {
		problems.add(p.Name, "default: %v", err)
	}
	p.Default = value
	return p
}

// checkAllowed gives the allowed values in canonical form.
func checkAllowed(p Property, problems *faults) []any {
	elem := p.Type
	if e := elem.Elem(); e != 0 {
		elem = e
	}
	allowed := make([]any, 0, len(p.Values))
	for i, v := range p.Values {
		value, err := canonical(elem, v)
		if err != nil {
			problems.add(p.Name, "allowed value %d: %v", i, err)
			continue
		}
		allowed = append(allowed, value)
	}
	return allowed
}

// Copy gives a schema with the same properties that is another one all the same:
// sessions of the one are not sessions of the other.
func (s *Schema) Copy() *Schema {
	if s == nil {
		return nil
	}
	return &Schema{properties: s.properties, index: s.index, origin: s.first()}
}

// Equivalent tells whether one schema is the other, or both are copies of one.
func (s *Schema) Equivalent(other *Schema) bool {
	return s != nil && other != nil && s.first() == other.first()
}

func (s *Schema) first() *Schema {
	if s.origin != nil {
		return s.origin
	}
	return s
}

// Properties gives the properties in declared order, defaults and allowed
// values in canonical form.
func (s *Schema) Properties() iter.Seq[Property] {
	return func(yield func(Property) bool) {
		if s == nil {
			return
		}
		for _, p := range s.properties {
			if !yield(p.copied()) {
				return
			}
		}
	}
}

// Property finds a property by its exact name.
func (s *Schema) Property(name string) (Property, bool) {
	i, ok := s.Index(name)
	if !ok {
		return Property{}, false
	}
	return s.properties[i].copied(), true
}

// Index gives a property's place in declared order, for [Session.At].
func (s *Schema) Index(name string) (int, bool) {
	if s == nil {
		return 0, false
	}
	i, ok := s.index[name]
	return i, ok
}

// New makes a session of the given values. It accepts strings, all integer
// types within 64-bit signed range for int, floats and exactly representable
// integers for double, bool, time.Time, time.Duration, and for lists and maps
// slices and string-keyed maps of these; named types count as what they are
// made of. A nil value is the same as none; a nil slice or map is an empty
// one. Everything is copied.
//
// It reports every unknown, missing and mistyped property at once, as joined
// *[Error] values.
func (s *Schema) New(values map[string]any) (Session, error) {
	var problems faults
	if s == nil {
		problems.add("", "there is no schema")
		return Session{}, problems.err()
	}
	stored := make([]any, len(s.properties))
	for i, p := range s.properties {
		given := values[p.Name]
		if given == nil {
			if p.Required {
				problems.add(p.Name, "is required and has no value")
			}
			stored[i] = p.Default
			continue
		}
		value, err := p.canonical(given)
		if err != nil {
			problems.add(p.Name, "%v", err)
		}
		stored[i] = value
	}
	s.checkUnknown(values, &problems)
	if err := problems.err(); err != nil {
		return Session{}, err
	}
	return newSession(s, stored), nil
}

func (s *Schema) checkUnknown(values map[string]any, problems *faults) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, ok := s.index[name]; ok {
			continue
		}
		same := slices.IndexFunc(s.properties, func(p Property) bool { return foldEqual(p.Name, name) })
		if same >= 0 {
			problems.add(name, "is not in the schema; did you mean %q?", s.properties[same].Name)
		} else {
			problems.add(name, "is not in the schema")
		}
	}
}

// canonical converts a value to the property's type and holds it against the
// allowed values.
func (p Property) canonical(v any) (any, error) {
	value, err := canonical(p.Type, v)
	if err != nil {
		return nil, err
	}
	if !p.allows(value) {
		return nil, errNotAllowed
	}
	return value, nil
}

func (p Property) allows(value any) bool {
	if len(p.Values) == 0 {
		return true
	}
	switch value := value.(type) {
	case []any:
		return !slices.ContainsFunc(value, func(v any) bool { return !slices.Contains(p.Values, v) })
	case map[string]any:
		for _, v := range value {
			if !slices.Contains(p.Values, v) {
				return false
			}
		}
		return true
	default:
		return slices.Contains(p.Values, value)
	}
}

func (p Property) copied() Property {
	p.Default = copied(p.Default)
	p.Values = slices.Clone(p.Values)
	return p
}

func validName(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// foldEqual compares a valid name with any text; only ASCII letters fold, so
// that no Unicode look-alike equals a name.
func foldEqual(name, other string) bool { return validName(other) && strings.EqualFold(name, other) }

// reserved tells whether CEL's grammar keeps a word from being an identifier
// (cel-spec, doc/langdef.md, "Syntax").
func reserved(name string) bool {
	switch name {
	case "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
		"import", "let", "loop", "package", "namespace", "return", "var", "void", "while":
		return true
	default:
		return false
	}
}

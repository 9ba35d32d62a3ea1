package session_test

import (
	"context"
	"fmt"

	"github.com/hedgerow/hedgerow/session"
)

func ExampleNewSchema() {
	schema, err := session.NewSchema(
		session.Property{Name: "organization_id", Type: session.String, Required: true},
		session.Property{Name: "regions", Type: session.List(session.String)},
		session.Property{Name: "role", Type: session.String, Default: "member", Values: []any{"member", "manager", "admin"}},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for p := range schema.Properties() {
		fmt.Println(p.Name, p.Type)
	}
	// Output:
	// organization_id string
	// regions list(string)
	// role string
}

func ExampleSchema_New() {
	schema, err := session.NewSchema(
		session.Property{Name: "organization_id", Type: session.String, Required: true},
		session.Property{Name: "role", Type: session.String, Default: "member", Loggable: true},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := schema.New(map[string]any{"organization_id": "acme"})
	if err != nil {
		fmt.Println(err)
		return
	}
	role, _ := s.Value("role")
	fmt.Println(role)
	fmt.Println(s) // values are redacted unless the property is Loggable

	_, err = schema.New(map[string]any{"organization_id": 42, "team": "red"})
	fmt.Println(err)
	// Output:
	// member
	// session(organization_id: [redacted], role: "member")
	// session property "organization_id": must be string, not a Go int
	// session property "team": is not in the schema
}

func ExampleNewContext() {
	schema, err := session.NewSchema(session.Property{Name: "organization_id", Type: session.String})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := schema.New(map[string]any{"organization_id": "acme"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := session.NewContext(context.Background(), s)

	// Further down, where only the context arrives:
	found, ok := session.FromContext(ctx)
	fmt.Println(found == s, ok)
	// Output: true true
}

func ExampleFromContext() {
	s, ok := session.FromContext(context.Background())
	fmt.Println(s, ok)
	// Output: session(invalid) false
}

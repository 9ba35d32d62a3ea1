package hedgerow
import (
 _ "vitess.io/vitess/go/vt/sqlparser"
 _ "cel.dev/cel-go/cel"
 _ "cel.dev/cel-go/ext"
 _ "go.yaml.in/yaml/v3"
 _ "modernc.org/sqlite"
 _ "github.com/stretchr/testify/require"
 _ "github.com/santhosh-tekuri/jsonschema/v6"
)

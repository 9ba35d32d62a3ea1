package secure

import "github.com/hedgerow/hedgerow/internal/ast"

// key gives the indices of the fields, among those that a session sees, that
// are the dataset's primary key: the physical columns as they are. It gives
// none where a part of the key is hidden, masked or no field. Unique keys don't
// count, since their columns may be NULL in many rows.
func (ds *dataset) key(s *Secured) []int {
	var key []int
	for _, column := range ds.d.PrimaryKey {
		found := false
		for i, e := range s.fields {
			c, ok := e.(*ast.Column)
			if found = ok && c.Name == column; found {
				key = append(key, i)
				break
			}
		}
		if !found {
			return nil
		}
	}
	return key
}

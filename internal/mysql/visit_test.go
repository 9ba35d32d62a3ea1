package mysql_test

import "reflect"

// visitStrings calls f with every string in a tree and the name of its field.
func visitStrings(n any, f func(field, s string)) { visitValue("", reflect.ValueOf(n), f) }

func visitValue(field string, v reflect.Value, f func(field, s string)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			visitValue(field, v.Elem(), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			visitValue(v.Type().Field(i).Name, v.Field(i), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visitValue(field, v.Index(i), f)
		}
	case reflect.String:
		f(field, v.String())
	}
}

// visitNodes calls f with every node of a tree that is a pointer.
func visitNodes(n any, f func(node any)) { visitPointers(reflect.ValueOf(n), f) }

func visitPointers(v reflect.Value, f func(node any)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			f(v.Interface())
			visitPointers(v.Elem(), f)
		}
	case reflect.Interface:
		visitPointers(v.Elem(), f)
	case reflect.Struct:
		for i := range v.NumField() {
			visitPointers(v.Field(i), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visitPointers(v.Index(i), f)
		}
	}
}

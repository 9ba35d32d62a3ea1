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

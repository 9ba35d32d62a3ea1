package dialect

type Dialect struct{ Name string }

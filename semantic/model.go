package semantic

type Datatype string
type Model struct{}

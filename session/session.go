package session

type Schema struct{}
type Session struct{}

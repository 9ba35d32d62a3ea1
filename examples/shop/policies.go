package shop

import (
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
)

// Policies loads the model and the policies.
func Policies() (*policy.Set, error) {
	model, err := semantic.Parse("model.yaml", Model())
	if err != nil {
		return nil, err
	}
	return policy.Parse("policy.yaml", Policy(), model)
}

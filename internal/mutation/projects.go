package main

// project runs the tests of rls/project that start no child processes.
var project = tests{"./rls/project", "^Test(Lifecycle|Invalid|Broken.*|Equal.*|SessionsAre.*|Changes.*|Inactive|Secrets.*|References|RotateKeys|Keys|History|TwoInstances|Rollout|RolloutCompilesFirst|RolloutMeets.*|RolloutHas.*)$"}

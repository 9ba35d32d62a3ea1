package main

// project runs the tests of rls/project that start no child processes.
var project = tests{"./rls/project", "^Test(Lifecycle|Invalid|Broken.*|Equal.*|SessionsAre.*|Changes.*|Inactive.*|ChangedDefaults|LateCommit|CancelledCommit|CloseAgain|CloseStops.*|OddDSNs|Secrets.*|References|RotateKeys|Keys|History|HistoryOf.*|TwoInstances|Rollout|RolloutCompilesFirst|RolloutMeets.*|RolloutHas.*|RolloutAnd.*)$"}

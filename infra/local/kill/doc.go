// Package kill shows on the real system that nothing is lost when processes die:
// the bootstraps that the build made, run by the command that people start, over
// data on disk. Processes are killed with SIGKILL at random moments, now one
// function's, now all of them, while several stories are played over HTTP; every
// answer that was given must still be true at the end.
//
// It must never import the product's functions: it knows the system only from
// outside, as a phone and an operator do.
package kill

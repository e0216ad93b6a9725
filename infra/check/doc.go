// Package check holds tests over the code and the template as a whole: who may
// import whom, routes and permissions that must agree, names that must be one.
// It ships nothing.
package check

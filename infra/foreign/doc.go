// Package foreign asks other makers' implementations of AWS what the emulator's conformance suite states: ministack and
// LocalStack's own code, or whatever stands at AWS_ENDPOINT_URL. It is a module of its own, so that neither the servers
// nor minutes of waiting are a part of the root's tests. Its tests hold everything; nothing may import it.
package foreign

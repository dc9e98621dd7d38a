package general

import "tapbench/pcsc/apdu"

// ReadScript takes a script apart.
func ReadScript(body []byte) ([4]byte, []apdu.Command, error) { return readScript(body) }

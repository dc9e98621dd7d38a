package redact

import (
	"tapbench/applet/decode"
	"tapbench/pcsc/trace"
)

// Fields redacts a message whose fields are given, whatever a decoder would say.
func (r *Redactor) Fields(message []byte, fields []decode.Field) trace.Message {
	r.command.begin(message)
	r.write(&r.command, fields)
	return r.command.message()
}

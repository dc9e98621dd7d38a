package vectors

import "embed"

// Applet are the dialogues, such as "applet/generate-key.apdu".
//
//go:embed applet/*.apdu
var Applet embed.FS

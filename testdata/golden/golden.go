package golden

import "embed"

// Cards are the reference results, such as "card-emulator.txt".
//
//go:embed card-*.txt
var Cards embed.FS

package decode_test

import (
	"fmt"

	"tapbench/applet/decode"
)

// A terminal selects an application, which sends the list of what it wants to know, and then sends
// values without tags.
func ExampleDecoder_Exchange() {
	d := decode.New()
	d.Exchange(spell("00A4040007 A0000000041010 00"),
		spell("6F 14 84 07 A0000000041010 A5 09 9F38 06 9F02 06 9F37 04 9000"))

	command := spell("80A80000 0C 83 0A 000000001250 12345678 00")
	x := d.Exchange(command, spell("77 0A 82 02 1980 94 04 08010100 9000"))
	fmt.Println(x.Application+":", x.Name+",", decode.StatusText(x.Status))
	for _, f := range x.Command {
		if f.Tag != 0 && !f.Template {
			value := command[f.Off : f.Off+f.Len]
			fmt.Printf("%s %s %q\n", f.Tag, f.Name, decode.Describe(f, value))
		}
	}
	// Output:
	// Mastercard: GET PROCESSING OPTIONS, normal
	// 9F02 amount authorised "12.50"
	// 9F37 unpredictable number ""
}

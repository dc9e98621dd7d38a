package profile_test

import (
	"errors"
	"fmt"

	"tapbench/applet/emvcard/profile"
)

func ExampleParse() {
	_, err := profile.Parse([]byte(`{
  "format": "tapbench-profile v1", "name": "mine", "kind": "emv",
  "atr": "3B80800101", "protocol": "T=1",
  "applications": [{"aid": "F000000001", "label": "MINE", "pdol": ["9F37 04", "9F02"]}]
}`))
	var field *profile.FieldError
	if errors.As(err, &field) {
		fmt.Printf("line %d, %s: %s\n", field.Line, field.Field, field.Problem)
	}
	// Output:
	// line 4, applications[0].pdol[1]: "9F02" isn't a tag with a length, such as "9F37 04"
}

func ExampleBuiltin() {
	p, err := profile.Builtin("contactless")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range p.Applications {
		fmt.Printf("%X %s %s\n", a.AID, a.Label, a.Scheme)
	}
	// Output:
	// F054415042454E434810 TAPBENCH EMV cvn18
}

package swtpm

import (
	"encoding/pem"
	"testing"
)

func TestCertificatesLosesTheTextAround(t *testing.T) {
	one := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("one")}))
	two := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("two")}))
	for name, c := range map[string]struct{ text, want string }{
		"no certificate":       {"Certificate:\n    Data:\n", ""},
		"a certificate cut":    {one[:len(one)/2], ""},
		"text before":          {"Certificate:\n    Serial: 1\n" + one, one},
		"text between, behind": {one + "\nCertificate:\n" + two + "\nend\n", one + two},
		"certificates alone":   {one + two, one + two},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(certificates([]byte(c.text))); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

package personalise_test

import (
	"errors"
	"strings"
	"testing"

	"tapbench/applet/emv/issuer"
	"tapbench/applet/emvcard/personalise"
	"tapbench/applet/emvcard/personalise/personalisetest"
	"tapbench/applet/emvcard/profile"
)

// TestCard_refuses changes profile contact, or what a card is made with, to what makes no card.
func TestCard_refuses(t *testing.T) {
	t.Parallel()
	long := make([]byte, 200)
	for _, c := range []struct {
		name           string
		change         func(cfg *personalise.Config, a *profile.Application)
		field, problem string
	}{
		{"anonymous card", func(cfg *personalise.Config, _ *profile.Application) {
			cfg.Profile.Kind = profile.Anonymous
		}, "kind", "expected emv"},
		{"field that contradicts another", func(_ *personalise.Config, a *profile.Application) {
			a.BIN = ""
		}, "applications[0].bin", "missing"},
		{"no CA", func(cfg *personalise.Config, _ *profile.Application) {
			cfg.Authority = nil
		}, "applications[0].authentication", "none is given"},
		{"no keys of the scheme", func(cfg *personalise.Config, _ *profile.Application) {
			cfg.Issuer = []issuer.Keys{personalisetest.Issuer()[0]}
		}, "applications[0].scheme", "no keys of cvn18"},
		{"record of 255 bytes", func(_ *personalise.Config, a *profile.Application) {
			a.Objects = append(a.Objects, profile.Object{Tag: 0x9F7C, Value: make([]byte, 233)})
			a.Records[6].Tags = append(a.Records[6].Tags, 0x9F7C)
			a.Objects = append(a.Objects, profile.Object{Tag: 0x9F7D, Value: make([]byte, 9)})
			a.Records[6].Tags = append(a.Records[6].Tags, 0x9F7D)
		}, "applications[0].records[6]", "254 at most"},
		{"long answer to SELECT", func(_ *personalise.Config, a *profile.Application) {
			a.FCI = []profile.Object{{Tag: 0x9F7C, Value: long}}
		}, "applications[0].fci", "256 at most"},
		{"card's key too long for fdda", func(_ *personalise.Config, a *profile.Application) {
			a.Authentication, a.CardKey = []string{profile.FastDDA}, &profile.Key{Bits: 1408, Exponent: 3}
		}, "applications[0].card_key", "256 at most"},
		{"PPSE of too many applications", func(cfg *personalise.Config, a *profile.Application) {
			cfg.Profile.Directories = []string{profile.PPSE}
			for i := range byte(7) {
				another := *a
				another.AID = append(profile.Hex{i}, a.AID...)
				cfg.Profile.Applications = append(cfg.Profile.Applications, another)
			}
		}, "directories", "no room"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := profile.Builtin("contact")
			if err != nil {
				t.Fatal(err)
			}
			cfg := personalise.Config{
				Profile: p, Authority: personalisetest.Authority(t), Issuer: personalisetest.Issuer(),
				Draw: personalisetest.Draw,
			}
			c.change(&cfg, &cfg.Profile.Applications[0])
			_, err = personalise.Card(cfg)
			var field *profile.FieldError
			if !errors.As(err, &field) {
				t.Fatalf("got %v", err)
			}
			if field.Field != c.field || !strings.Contains(field.Problem, c.problem) {
				t.Errorf("got %q, %q; expected %q, %q", field.Field, field.Problem, c.field, c.problem)
			}
		})
	}
}

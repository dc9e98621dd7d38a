package pki

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/profile"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// The forms in which CA keys are exported.
const (
	formEMVCo = "emvco"
	formJSON  = "json"
	formPEM   = "pem"
)

type exportOptions struct {
	keys     string
	seed     string
	form     string
	profiles []string
	rids     []string
	out      string
	force    bool
}

func newPKIExport(a *shell.App) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the public keys of the EMV test CA, for terminals",
		Long: `export writes the CA's public keys as terminals read them, one for each RID and index:

  emvco  a line per key: RID, index, expiry YYMMDD, rsa, exponent, modulus, sha1, hash
  json   the same as JSON
  pem    SubjectPublicKeyInfo, a line with RID and index before each

The RIDs are those of the built-in profiles, or of the profiles and RIDs named. All RIDs share the
CA's keys.`,
		Example: "  tapbench pki export > ca-keys.txt\n" +
			"  tapbench pki export --format json --out ca-keys.json\n" +
			"  tapbench pki export --format pem --profile mine.json --rid A000000025",
		Args: shell.NoArgs,
		RunE: func(*cobra.Command, []string) error { return export(a, o) },
	}
	f := cmd.Flags()
	device.AddEMVKeys(a, cmd, &o.keys)
	device.AddSeed(cmd, &o.seed,
		"draw the CA and the issuer from this `TEXT` if they aren't there: no secrets")
	f.StringVar(&o.form, "format", formEMVCo, "form of the keys: `emvco`, json or pem")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(
		[]string{formEMVCo, formJSON, formPEM}, cobra.ShellCompDirectiveNoFileComp))
	f.StringArrayVar(&o.profiles, "profile", nil, "the RIDs of this profile, `NAME` or file")
	_ = cmd.RegisterFlagCompletionFunc("profile", device.CompleteProfile)
	f.StringSliceVar(&o.rids, "rid", nil, "a further `RID`: 5 bytes in hexadecimal digits")
	f.StringVarP(&o.out, "out", "o", "-", "`file` to write to; - is standard output")
	f.BoolVar(&o.force, "force", false, "replace the file that is there")
	return cmd
}

func export(a *shell.App, o exportOptions) error {
	if a.JSON {
		o.form = formJSON
	}
	write, known := map[string]func(oda.CAKeys) ([]byte, error){
		formEMVCo: func(k oda.CAKeys) ([]byte, error) { return []byte(k.Lines()), nil },
		formJSON:  oda.CAKeys.JSON, formPEM: pemKeys,
	}[o.form]
	if !known {
		return shell.Usagef("--format %q is none of emvco, json, pem", o.form)
	}
	if err := device.CheckSeed(o.seed); err != nil {
		return err
	}
	rids, err := o.named()
	if err != nil {
		return err
	}
	keys, err := parties.OpenEMVKeysFrom(a, o.keys, o.seed)
	if err != nil {
		return err
	}
	raw, err := write(keys.Authority.CAKeys(rids...))
	if err != nil {
		return fmt.Errorf("writing the CA's keys: %w", err)
	}
	return a.WriteFile(o.out, o.force, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
}

// named returns the RIDs that the keys are for.
func (o exportOptions) named() ([][oda.RIDLen]byte, error) {
	var rids [][oda.RIDLen]byte
	add := func(rid [oda.RIDLen]byte) {
		if !slices.Contains(rids, rid) {
			rids = append(rids, rid)
		}
	}
	for _, text := range o.rids {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != oda.RIDLen {
			return nil, shell.Usagef("--rid %q isn't %d bytes in hexadecimal digits", text,
				oda.RIDLen)
		}
		add([oda.RIDLen]byte(raw))
	}
	names := o.profiles
	if len(names)+len(o.rids) == 0 {
		names = profile.Names()
	}
	for _, name := range names {
		p, err := device.ReadProfile(name)
		if err != nil {
			return nil, err
		}
		for _, app := range p.Applications {
			if p.Kind == profile.EMV {
				add([oda.RIDLen]byte(app.AID))
			}
		}
	}
	if len(rids) == 0 {
		return nil, shell.Usagef("--profile %s: an anonymous card has no RSA key for terminals",
			strings.Join(names, ", "))
	}
	return rids, nil
}

// pemKeys writes each key as a SubjectPublicKeyInfo.
func pemKeys(keys oda.CAKeys) ([]byte, error) {
	var out []byte
	for _, k := range keys {
		der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{
			N: new(big.Int).SetBytes(k.Key.Modulus),
			E: int(new(big.Int).SetBytes(k.Key.Exponent).Int64()),
		})
		if err != nil {
			return nil, err
		}
		out = fmt.Appendf(out, "RID %X index %02X until %s\n", k.RID, k.Index,
			k.Expiry.Format(time.DateOnly))
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})...)
	}
	return out, nil
}

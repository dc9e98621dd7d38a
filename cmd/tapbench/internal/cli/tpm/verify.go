package tpm

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm/firmware"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/tpm/tpm2tools"
)

type verifyOptions struct {
	ak         string
	qualifying string
	tools      string
	released   []string
	revoked    []string
	pcrs       []int
	firmware   string
}

func newTPMVerify(a *shell.App) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify [EVIDENCE]",
		Short: "Judge evidence, without a TPM and without a network",
		Long: `verify judges evidence that "tapbench tpm quote" wrote, or with --tpm2-tools what
lies in a folder as tpm2-tools has it (quote.msg, quote.sig, measurements, and quote.pcrs if it is
there). It knows nothing but what it is told: the enrolled attestation key, the question, and what
was released.

It checks in this order, and stops at the first that fails: the question; size and form of the
evidence; the enrolled key and that it can sign nothing but what its TPM made; the signature;
TPM_GENERATED_VALUE; that it is a quote; that the key is a primary key of the endorsement
hierarchy; the qualifying data; the PCRs; the list's form; that the list explains the PCRs; that
nothing was revoked; that everything was released. A refusal exits with 4.

Released and revoked software is named in files of lines as sha256sum and "tapbench tpm measure"
write them.

With --firmware-log the event log of the machine's firmware explains PCRs 0 to 9 and 11 to 15, and
the measurement list the others; PCRs 0 to 7 and 10 must be quoted then, unless --pcr says
otherwise. The kernel's boot_aggregate counts as released if it fits that log. The answer shows
what was measured before the kernel ran, and whether Secure Boot was on. Words in brackets are the
log's own: no PCR proves them.`,
		Example: `  tapbench tpm verify evidence.json --ak ak.tss --qualifying "$N" --released released
  tapbench tpm verify --tpm2-tools quote --ak ak.tss --qualifying "$N" --released released
  tapbench tpm verify evidence.json --ak ak.tss --qualifying "$N" --released released \
    --firmware-log binary_bios_measurements`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := shell.Takes(0, 1)(cmd, args); err != nil {
				return err
			}
			if (len(args) == 1) == (o.tools != "") {
				return shell.Usagef("name an evidence file or --tpm2-tools FOLDER")
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.ak, "ak", "", "the enrolled key, a `file` of tpm2_readpublic -f tss or ak.tss")
	f.StringVar(&o.qualifying, "qualifying", "", "qualifying data that was asked for, in `HEX`")
	f.StringVar(&o.tools, "tpm2-tools", "", "judge what lies in this `folder`")
	f.StringArrayVar(&o.released, "released", nil, "`file` of released digests; may be repeated")
	f.StringArrayVar(&o.revoked, "revoked", nil, "`file` of revoked digests; may be repeated")
	f.IntSliceVar(&o.pcrs, "pcr", []int{measure.DefaultPCR}, "`PCR` that must be quoted")
	f.StringVar(&o.firmware, "firmware-log", "",
		"event log `file` of the firmware, as in /sys/kernel/security/tpm0")
	for _, name := range []string{"ak", "qualifying", "released"} {
		_ = cmd.MarkFlagRequired(name)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.firmware != "" && !cmd.Flags().Changed("pcr") {
			o.pcrs = firmwarePCRs()
		}
		evidence := ""
		if len(args) == 1 {
			evidence = args[0]
		}
		return verify(a, evidence, o)
	}
	return cmd
}

// maxEvidenceFile bounds an evidence file: base64 and JSON around it.
const maxEvidenceFile = 2 * quote.MaxEvidence

func verify(a *shell.App, path string, o verifyOptions) error {
	log, err := readFirmware(o.firmware)
	if err != nil {
		return err
	}
	expect, err := o.expect(log)
	if err != nil {
		return err
	}
	evidence, err := o.evidence(path)
	if err != nil {
		return err
	}
	verdict, err := quote.Verify(evidence, expect)
	if err != nil {
		return shell.Refused(err)
	}
	boot := firmwareStateOf(log, expect.PCRs)
	return a.Print(verdictOf(verdict, expect.PCRs, boot), func(w io.Writer) {
		writeVerdict(w, verdict, expect.PCRs)
		boot.write(w)
	})
}

// expect reads what the verifier knows by itself; log is nil without a firmware's log.
func (o verifyOptions) expect(log *firmware.Log) (quote.Expect, error) {
	var e quote.Expect
	var err error
	e.Qualifying, err = shell.ParseHex("qualifying", o.qualifying, quote.NonceSize, maxQualifying)
	if err != nil {
		return e, err
	}
	ak, err := readAK(o.ak)
	if err != nil {
		return e, err
	}
	e.AK = ak.Public()
	e.PCRs = slices.Sorted(slices.Values(o.pcrs))
	released, err := readDigests(o.released)
	if err != nil {
		return e, err
	}
	revoked, err := readDigests(o.revoked)
	if err != nil {
		return e, err
	}
	if log != nil {
		explained := slices.DeleteFunc(slices.Clone(e.PCRs), func(pcr int) bool {
			return !firmware.Explains(pcr)
		})
		e.Explained = log.Values(explained...)
		released[log.BootAggregate()] = true
	}
	e.Released = func(digest [32]byte) bool { return released[digest] }
	e.Revoked = func(digest [32]byte) bool { return revoked[digest] }
	return e, nil
}

// readAK reads an attestation key as tpm2-tools writes it.
func readAK(path string) (quote.AK, error) {
	raw, err := shell.ReadBounded(path, maxEvidenceFile)
	if err != nil {
		return quote.AK{}, err
	}
	ak, err := tpm2tools.ParsePublic(raw)
	if err != nil {
		return quote.AK{}, fmt.Errorf("%s: %w", path, err)
	}
	return ak, nil
}

// evidence reads what is to be judged.
func (o verifyOptions) evidence(path string) (e quote.Evidence, err error) {
	if o.tools == "" {
		raw, err := shell.ReadBounded(path, maxEvidenceFile)
		if err != nil {
			return e, err
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return e, fmt.Errorf("%s: %w", path, err)
		}
		return e, nil
	}
	ak, err := readAK(o.ak)
	if err != nil {
		return e, err
	}
	e.AKPublic = ak.Public()
	for name, part := range map[string]*[]byte{toolMessage: &e.Attest, toolSignature: &e.Signature} {
		if *part, err = shell.ReadBounded(filepath.Join(o.tools, name), maxEvidenceFile); err != nil {
			return e, err
		}
	}
	list, err := readList(filepath.Join(o.tools, toolList))
	if err != nil {
		return e, err
	}
	e.List = list.Encode()
	return e, nil
}

// maxDigests bounds a file of digests, in bytes.
const maxDigests = 16 << 20

// readDigests reads files of lines that begin with a SHA-256.
func readDigests(paths []string) (map[[32]byte]bool, error) {
	all := make(map[[32]byte]bool)
	for _, path := range paths {
		raw, err := shell.ReadBounded(path, maxDigests)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(bytes.NewReader(raw))
		for number := 1; lines.Scan(); number++ {
			word, _, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
			if word == "" || word[0] == '#' {
				continue
			}
			digest, err := hex.DecodeString(word)
			if err != nil || len(digest) != 32 {
				return nil, fmt.Errorf("%s: line %d: SHA-256 in 64 digits expected", path, number)
			}
			all[[32]byte(digest)] = true
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return all, nil
}

// judged is an acceptance, for programs.
type judged struct {
	Accepted   bool           `json:"accepted"`
	PCRs       map[int]string `json:"pcrs"`
	Entries    []measured     `json:"entries"`
	Firmware   string         `json:"firmware"`
	ResetCount uint32         `json:"reset_count"`
	ClockMS    uint64         `json:"clock_ms"`
	Boot       *firmwareState `json:"boot,omitempty"` // with a firmware's log
}

func verdictOf(v quote.Verdict, pcrs []int, boot *firmwareState) judged {
	j := judged{
		Accepted: true, PCRs: make(map[int]string), Entries: []measured{},
		Firmware:   fmt.Sprintf("%016X", v.Firmware),
		ResetCount: v.Clock.ResetCount, ClockMS: v.Clock.Clock, Boot: boot,
	}
	for i, pcr := range pcrs {
		j.PCRs[pcr] = fmt.Sprintf("%x", v.PCRs[i])
	}
	for _, e := range v.Entries {
		j.Entries = append(j.Entries, measured{
			Path: e.Path, SHA256: fmt.Sprintf("%x", e.Digest),
			Template: fmt.Sprintf("%x", e.TemplateHash()), PCR: e.PCR,
		})
	}
	return j
}

func writeVerdict(w io.Writer, v quote.Verdict, pcrs []int) {
	_, _ = fmt.Fprintf(w, "accepted: the enrolled key answered this question; TPM reset %d times, "+
		"on for %d ms\n", v.Clock.ResetCount, v.Clock.Clock)
	for i, pcr := range pcrs {
		_, _ = fmt.Fprintf(w, "PCR %-2d  %x\n", pcr, v.PCRs[i])
	}
	for _, e := range v.Entries {
		_, _ = fmt.Fprintf(w, "ran     %x  %s\n", e.Digest, e.Path)
	}
}

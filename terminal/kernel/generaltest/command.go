package generaltest

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/pcsctest"
	"tapbench/pcsc/tlv"
)

// deviation reads a line of card, whose command may be named.
func deviation(line string, app image.Application) (pcsctest.Deviation, error) {
	pattern, acts, found := strings.Cut(line, ":")
	if !found {
		return pcsctest.Deviation{}, fmt.Errorf("%q: no colon", line)
	}
	pattern, err := header(strings.TrimSpace(pattern), app)
	if err != nil {
		return pcsctest.Deviation{}, fmt.Errorf("%q: %w", line, err)
	}
	acts = strings.NewReplacer(
		"{FORMAT1}", hex.EncodeToString(tlv.Append(nil, 0x80, app.AIP[:], app.AFL)),
		"{FORMAT2}", hex.EncodeToString(tlv.Append(nil, 0x77,
			tlv.Append(nil, 0x82, app.AIP[:]), tlv.Append(nil, 0x94, app.AFL))),
	).Replace(acts)
	return pcsctest.ParseDeviation(pattern + ":" + acts)
}

// header returns the pattern of a command that a line names.
func header(name string, app image.Application) (string, error) {
	name, time, _ := strings.Cut(name, "#")
	if time != "" {
		time = " #" + time
	}
	fields := strings.Fields(name)
	if len(fields) == 0 {
		return "", fmt.Errorf("no command")
	}
	if fields[0] == "RECORD" {
		pattern, err := recordHeader(fields[1:])
		return pattern + time, err
	}
	pattern, named := map[string]string{
		"PSE": "00A40400/315041592E", "PPSE": "00A40400/325041592E",
		"APP": fmt.Sprintf("00A40400/%X", app.AID),
		"GPO": "80A8", "INTERNAL": "0088", "EXTERNAL": "0082", "CHALLENGE": "0084", "VERIFY": "0020",
		"AC": "80AE", "AC1": "80AE #1", "AC2": "80AE #2",
		"GETDATA": "80CA" + strings.Join(fields[1:], ""),
	}[fields[0]]
	if !named {
		pattern = fields[0]
	}
	return pattern + time, nil
}

// recordHeader is READ RECORD of a file and a record.
func recordHeader(fields []string) (string, error) {
	if len(fields) != 2 {
		return "", fmt.Errorf("RECORD wants file and record")
	}
	file, err := strconv.ParseUint(fields[0], 10, 5)
	if err != nil {
		return "", err
	}
	record, err := strconv.ParseUint(fields[1], 10, 8)
	return fmt.Sprintf("00B2%02X%02X", record, file<<3|4), err
}

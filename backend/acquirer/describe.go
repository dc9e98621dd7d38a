package acquirer

import (
	"fmt"
	"strings"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
)

// Describe returns a message in words: its type, and a line for each field with its number, name
// and value. Of a PAN it shows the last four digits, of field 55 each data object. Bytes that
// aren't a message as the layout has it are [ErrFormat].
func Describe(raw []byte) (string, error) {
	m, err := unpack(raw)
	if err != nil {
		return "", err
	}
	row, ok := messageOf(m.mti)
	if !ok {
		return "", fmt.Errorf("%w: message type %.4q", ErrFormat, m.mti)
	}
	if err := m.check(m.mti); err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", row.mti, row.name)
	for _, f := range fieldTable() {
		value, ok := m.fields[f.id]
		if !ok {
			continue
		}
		if f.kind != kindBinary {
			fmt.Fprintf(&b, "%4d %-24s %s\n", f.id, f.name, f.words(value))
			continue
		}
		fmt.Fprintf(&b, "%4d %-24s %d bytes\n", f.id, f.name, len(value))
		if err := describeObjects(&b, []byte(value)); err != nil {
			return "", fmt.Errorf("%w: field %d: %w", ErrFormat, f.id, err)
		}
	}
	return b.String(), nil
}

// Fields returns a message's type and the raw values of its fields, by their numbers. Bytes that
// aren't a message are [ErrFormat].
func Fields(raw []byte) (mti string, fields map[int]string, err error) {
	m, err := unpack(raw)
	return m.mti, m.fields, err
}

// words returns a field's value and, if it is a code, its meaning.
func (r fieldRow) words(value string) string {
	meaning := ""
	switch r.id {
	case fieldPAN:
		pan, err := emv.ParsePANDigits(value)
		if err != nil {
			return "(not shown)"
		}
		return pan.String()
	case fieldCode:
		meaning = Code(value).String()
	case fieldNetwork:
		meaning = Network(value).String()
	case fieldBalance:
		meaning = map[string]string{inBalance: "in balance", outOfBalance: "out of balance"}[value]
	case fieldProcessing:
		meaning = map[string]string{processingPurchase: "purchase", processingRefund: "refund"}[value]
	default:
		return strings.TrimRight(value, " ")
	}
	return strings.TrimRight(value+"  "+meaning, " ")
}

func describeObjects(b *strings.Builder, raw []byte) error {
	return tlv.Walk(raw, func(e tlv.Element, _ int) error {
		fmt.Fprintf(b, "     %-6s %-38s %X\n", e.Tag, emv.TagName(e.Tag), e.Value)
		return nil
	})
}

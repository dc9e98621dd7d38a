package dispute

import (
	"tapbench/backend/api"
)

// ParseTSMOpening reads a TSM's answer. It returns [ErrFormat]; it checks no signature.
func ParseTSMOpening(a api.Opening) (o TSMOpening, err error) {
	j := openingJSON{entryJSON{a.Head, a.Signature}, a.Certificate, a.Chain}
	if o.Entry, o.Certificate, err = j.opening(); err == nil {
		o.Chain, err = decodeTSMChain(a.Chain)
	}
	return o, malformed(err)
}

// ParseBankOpening reads a bank's answer. It returns [ErrFormat]; it checks no signature.
func ParseBankOpening(a api.Opening) (o BankOpening, err error) {
	j := openingJSON{entryJSON{a.Head, a.Signature}, a.Certificate, a.Chain}
	if o.Entry, o.Certificate, err = j.opening(); err == nil {
		o.Chain, err = decodeBankChain(a.Chain)
	}
	return o, malformed(err)
}

// ParseLog reads one answer of a party's log. It returns [ErrFormat]; it checks no signature.
func ParseLog(a api.OpeningsResponse) (Log, error) {
	j := logJSON{Certificate: a.Certificate}
	for _, e := range a.Entries {
		j.Entries = append(j.Entries, entryJSON{e.Head, e.Signature})
	}
	l, err := j.log()
	return l, malformed(err)
}

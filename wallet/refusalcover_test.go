package wallet_test

import (
	"testing"
)

// uncoveredTypes are the message types that no entry of the table names, and why.
func uncoveredTypes() map[string]string {
	const disputed = "between judge, TSM and bank: backend/dispute"
	const denyList = "between TSM and terminal: backend/denylist"
	const offline = "paper B: a layout that nobody sends yet"
	return map[string]string{
		"SigToken":           offline,
		"MsgTokenRequest":    offline,
		"MsgTokenRoll":       offline,
		"MsgTokenPop":        offline,
		"MsgTokenPut":        offline,
		"MsgTokenSeed":       offline,
		"MsgTokenChain":      offline,
		"SigSpend":           offline,
		"SigMeter":           offline,
		"SigTokenClose":      offline,
		"MsgMerchantAuth":    offline,
		"SigMerchantReceipt": offline,
		"MsgSpendClaim":      offline,
		"MsgMeterClaim":      offline,
		"SigPayout":          offline,
		"SigDenyList":        denyList,
		"MsgDenyEntry":       denyList,
		"MsgDenyDelta":       denyList,
		"CertEpoch":          offline,
		"CertMerchant":       offline,
		"MsgDisputed":        disputed,
		"MsgOpening":         disputed,
		"MsgTSMChain":        disputed,
		"MsgBankChain":       disputed,
		"MsgDoubleSpend":     "between TSM and judge: TestCheckRefuses",
		"MsgHostAuth":        "between wallet and element only: applet/conformance",
		"MsgReference":       "TestFieldsOfTheLines, applet/conformance",
		"MsgLaunchConsent":   "TestFieldsOfTheLines, applet/conformance",
		"MsgRelease":         "a file, not a message: backend/pki",
		"SigDraw":            "TSM to bank, of no phase: TestDrawRefused",
		"SigDrawn":           "bank to TSM, of no phase: TestDrawReceiptRefused",
		"SigReturn":          "TSM to bank, of no phase: TestReturnRefuses",
		"SigReturned":        "bank to TSM, of no phase: TestReceiptRefuses",
		"KeyAIDToSE":         "names a key that protects no message yet",
		"SigTap":             "phase 5: TestAuthoriseRefuses",
	}
}

// unsigned are the fields on the lines that no entry of the table has, and who refuses them.
func unsigned() map[string]string {
	const told, late = "for people: nothing depends on it", "TestFieldsOfTheLines"
	const list = "a list to choose from: who serves it checks what is chosen"
	return map[string]string{
		"bank /v1/info id":                          told,
		"bank /v1/info limits":                      list,
		"TSM /v1/info id":                           told,
		"TSM /v1/info limits":                       list,
		"TSM /v1/info cards":                        list,
		"TSM /v1/info tokens":                       list,
		"TSM /v1/info token_rules":                  told,
		"bank /v1/account/activate balance_minor":   told,
		"bank /v1/account/open deposit_minor":       "cash, which the bank's clerk counts",
		"bank /v1/account/open credential_blob":     late,
		"bank /v1/account/open encrypted_secret":    late,
		"bank /v1/aid/request limit_minor":          late,
		"TSM /v1/tid/hello bank":                    late,
		"TSM /v1/tid/hello run":                     late,
		"TSM /v1/tid/hello nonce_tsm":               late,
		"TSM /v1/tid/hello nonce_bank":              late,
		"TSM /v1/tid/hello session":                 late,
		"link /v1/tsm/nonce nonce":                  late,
		"link /v1/tsm/nonce session":                late,
		"bank /v1/phone/nonce user_certificate":     late,
		"bank /v1/phone/nonce purpose":              late,
		"bank /v1/phone/nonce nonce":                late,
		"bank /v1/phone/reference user_certificate": late,
		"bank /v1/phone/reference nonce":            late,
		"bank /v1/phone/reference challenge":        late,
		"bank /v1/phone/reference software":         late,
		"bank /v1/phone/reference program":          late,
		"bank /v1/phone/reference policy":           late,
		"bank /v1/phone/reference evidence":         late,
		"bank /v1/phone/reference signature":        late,
	}
}

// covered checks that every message type and every field that passed is damaged by somebody.
func (w *trial) covered(t *testing.T) {
	t.Helper()
	types, places := make(map[byte]bool), make(map[string]bool)
	for _, m := range w.messages {
		places[m.at] = true
		for _, kind := range m.types {
			types[byte(kind)] = true
		}
		if !w.seen[m.name] {
			t.Errorf("%s was never sent", m.name)
		}
	}
	excused := uncoveredTypes()
	for _, kind := range messageTypes(t) {
		_, ok := excused[kind.name]
		if ok == types[byte(kind.value)] {
			t.Errorf("%s: in the table %t, excused %t", kind.name, !ok, ok)
		}
	}
	others := unsigned()
	for field := range w.heard {
		if _, ok := others[field]; ok == places[field] {
			t.Errorf("%s: in the table %t, elsewhere %t", field, places[field], ok)
		}
	}
	for field := range others {
		if !w.heard[field] {
			t.Errorf("%s never passed", field)
		}
	}
}

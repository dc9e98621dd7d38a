package explain_test

import (
	"errors"
	"testing"

	"tapbench/backend/money"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/explain"
)

// tapped is a payment by an anonymous card that has come through these steps.
func tapped(steps ...string) explain.Tap {
	t := explain.Tap{
		Result: kernel.Approved, Time: day(), Amount: money.Must("EUR:12.50"),
		AID: "F054415042454E434802", Label: "TAPBENCH", PAN: "***************0124",
		Cryptogram: "TC 1122334455667788", Code: "00",
	}
	for _, name := range steps {
		t.Steps = append(t.Steps, kernel.Step{Name: name, APDUs: 1, Sent: 20, Received: 60})
	}
	return t
}

func TestTaps(t *testing.T) {
	whole := tapped(kernel.StepPPSE, kernel.StepSelect, kernel.StepGPO, kernel.StepRelay,
		kernel.StepRecords, kernel.StepAuthenticate, kernel.StepCryptogram, kernel.StepAuthorise,
		kernel.StepCompletion)
	golden(t, "tap.txt", render(t, explain.OfTap(whole, nil)))

	declined := tapped(kernel.StepPPSE, kernel.StepSelect, kernel.StepGPO, kernel.StepRecords,
		kernel.StepAuthenticate)
	declined.Result, declined.Reason = kernel.Declined, "above the card's limit"
	golden(t, "tap-declined.txt", render(t, explain.OfTap(declined, nil)))

	broken := tapped(kernel.StepPPSE, kernel.StepSelect, kernel.StepGPO)
	err := errors.New("card isn't armed for this payment")
	broken.Steps[2].Err, broken.Result = err, kernel.Unfinished
	golden(t, "tap-broken.txt", render(t, explain.OfTap(broken, err)))

	token := tapped(kernel.StepSelect, kernel.StepGPO, kernel.StepMerchant, kernel.StepRecords,
		kernel.StepCryptogram, kernel.StepVerify, kernel.StepKeep, kernel.StepReceipt)
	token.Offline = true
	golden(t, "tap-token.txt", render(t, explain.OfTap(token, nil)))

	none := explain.Tap{Time: day(), Amount: money.Must("EUR:12.50")}
	golden(t, "tap-none.txt", render(t, explain.OfTap(none, errors.New("no card"))))
}

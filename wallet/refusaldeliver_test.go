package wallet_test

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
)

// parse reads a certificate. What has no layout is refused by the wallet, before any element sees
// it.
func parse(raw []byte) (message.Certificate, error) {
	c, err := message.ParseCertificate(raw)
	if err != nil {
		return c, errors.Join(applet.ErrRefused, err)
	}
	return c, nil
}

// pair parses the two certificates of a server, of which one was replaced.
func (w *trial) pair(line, field string, raw []byte) (sign, kem message.Certificate, err error) {
	parts := map[string][]byte{}
	for _, name := range []string{"sign_certificate", "kem_certificate"} {
		parts[name] = w.said[key(line, api.PathInfo, name)]
	}
	parts[field] = raw
	if sign, err = parse(parts["sign_certificate"]); err != nil {
		return sign, kem, err
	}
	kem, err = parse(parts["kem_certificate"])
	return sign, kem, err
}

// openWith has the element open an account with a replaced certificate.
func openWith(w *trial, t *testing.T, field string, raw []byte) error {
	t.Helper()
	sign, kem, err := w.pair(lineBank, field, raw)
	if err != nil {
		return err
	}
	_, err = applet.NewClient(w.Session).OpenAccount(t.Context(), 0, sign, kem)
	return err
}

// registerWith has the element begin a registration with a replaced certificate.
func registerWith(w *trial, t *testing.T, field string, raw []byte) error {
	t.Helper()
	sign, kem, err := w.pair(lineTSM, field, raw)
	if err != nil {
		return err
	}
	_, err = applet.NewClient(w.Session).TIDRegister(t.Context(), 1, 0,
		applet.TIDStart{Sign: sign, KEM: kem})
	return err
}

// epochWith gives the element a replaced epoch certificate.
func epochWith(w *trial, t *testing.T, raw []byte) error {
	t.Helper()
	cert, err := parse(raw)
	if err != nil {
		return err
	}
	return applet.NewClient(w.Session).PutEpochKey(t.Context(), 0, cert)
}

// lying is TSMBINFO with other content, signed anew by the TSM itself.
func lying(name string, m protocolMessage) protocolMessage {
	m.name, m.at, m.when = name, atTSMBINFO, lineLink+" "+api.PathFund
	m.deliver = func(w *trial, t *testing.T, now, raw []byte) error {
		t.Helper()
		b, err := message.Decode[message.TSMBINFO](wire.MsgTSMBINFO, raw)
		if err != nil {
			return err
		}
		return w.call(t, lineLink, api.PathFund,
			replaceField(t, now, "tsmbinfo", w.signTSMBINFO(t, b)))
	}
	return m
}

// authMessage is AUTH on its way to the TSM, which has asked for it and repeats its request.
func authMessage(name string, m protocolMessage) protocolMessage {
	m.name, m.at, m.when = name, atAuth, lineLink+" "+api.PathFund+" answer"
	m.reason = code(api.CodeUnavailable)
	m.deliver = func(w *trial, t *testing.T, _, raw []byte) error {
		t.Helper()
		change, answer := w.Link.Change, w.Link.Answer
		defer func() { w.Link.Change, w.Link.Answer = change, answer }()
		w.Link.Change = nil
		w.Link.Answer = func(string, []byte) ([]byte, error) {
			return json.Marshal(api.FundResponse{Auth: raw})
		}
		q, err := json.Marshal(api.TIDFundRequest{
			Run: w.said[atFundRun], BINFO: w.said[atBINFO],
			TSMINFO: w.said[atTSMINFO],
		})
		check(t, err)
		_, err = w.tsm.Call(context.WithoutCancel(t.Context()), api.PathTIDFund, q)
		return err
	}
	return m
}

// messageType is a row of wire's table of types.
type messageType struct {
	name  string
	value wire.MessageType
}

// messageTypes reads wire's table of types from its source.
func messageTypes(t *testing.T) []messageType {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../applet/wire/messagetype.go", nil, 0)
	check(t, err)
	var out []messageType
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		kind, ok := spec.Type.(*ast.Ident)
		if !ok || kind.Name != "MessageType" {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			t.Fatalf("%s isn't a number", spec.Names[0].Name)
		}
		value, err := strconv.ParseUint(literal.Value, 0, 8)
		check(t, err)
		out = append(out, messageType{spec.Names[0].Name, wire.MessageType(value)})
		return true
	})
	return out
}

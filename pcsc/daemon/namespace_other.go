//go:build !linux

package daemon

import (
	"errors"
	"syscall"
)

const (
	insideService = ""
	insideDrivers = ""
	insideConf    = ""
)

func isolation() []*syscall.SysProcAttr { return nil }

func diesWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func forbidden(error) bool { return false }

func furnish(string, string, int, []string) error {
	return errors.New("namespaces need Linux")
}

package stormtest_test

import (
	"os"
	"testing"

	"tapbench/cmd/tapbench/internal/stormtest"
)

func TestMain(m *testing.M) { os.Exit(stormtest.Main(m)) }

// Package postgres_test stands for the PostgreSQL server that stores may be kept by.
package postgres_test

import (
	"testing"

	"tapbench/backend/store/postgrestest"
	"tapbench/scripts/needs/needstest"
)

func TestPostgres(t *testing.T) {
	needstest.LeftOut(t)
	postgrestest.Start(t)
}

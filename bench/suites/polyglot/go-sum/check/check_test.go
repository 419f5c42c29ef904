package main

import "testing"

func TestParallelSum(t *testing.T) {
	for length := 0; length < 12; length++ {
		values := make([]int, length)
		wanted := 0
		for i := range values {
			values[i] = i + 1
			wanted += i + 1
		}
		for parts := 1; parts < 6; parts++ {
			if got := ParallelSum(values, parts); got != wanted {
				t.Fatalf("ParallelSum of %d values in %d parts is %d, wanted %d", length, parts, got, wanted)
			}
		}
	}
}

package main

import "fmt"

func total(values []int, out chan int) {
	sum := 0
	for _, value := range values {
		sum += value
	}
	out <- sum
}

// ParallelSum adds up the parts of values, each in a goroutine of its own.
func ParallelSum(values []int, parts int) int {
	out := make(chan int)
	size := len(values) / parts
	for i := 0; i < parts; i++ {
		go total(values[i*size:(i+1)*size], out)
	}
	sum := 0
	for i := 0; i < parts; i++ {
		sum += <-out
	}
	return sum
}

func main() {
	fmt.Println(ParallelSum([]int{1, 2, 3, 4}, 2))
}

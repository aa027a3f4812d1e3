package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sort"
	"strings"
	"sync"
	"time"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	var group sync.WaitGroup
	var lock sync.Mutex
	total := 0
	for i := 1; i <= 4; i++ {
		group.Add(1)
		go func(first int) {
			defer group.Done()
			for n := first; n <= 1000; n += 4 {
				lock.Lock()
				total += n
				lock.Unlock()
			}
		}(i)
	}
	group.Wait()
	fmt.Println("sum", total)
	check(os.WriteFile("/work/numbers", []byte("5 3 8 1 2"), 0o644))
	from, err := os.Open("/work/numbers")
	check(err)
	to, err := os.Create("/work/copy")
	check(err)
	_, err = io.Copy(to, from)
	check(err)
	text, err := os.ReadFile("/work/copy")
	check(err)
	numbers := strings.Fields(string(text))
	sort.Strings(numbers)
	fmt.Println("sorted", strings.Join(numbers, " "))
	said, err := exec.Command("echo", "hello").Output()
	check(err)
	fmt.Println("child", strings.TrimSpace(string(said)))
	if len(os.Args) > 1 {
		serve()
	}
}

func serve() {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() {
		peer, err := server.Accept()
		check(err)
		buffer := make([]byte, 16)
		n, err := peer.Read(buffer)
		check(err)
		time.Sleep(10 * time.Millisecond)
		io.WriteString(peer, strings.Replace(string(buffer[:n]), "ping", "pong", 1))
		peer.Close()
	}()
	client, err := net.Dial("tcp", server.Addr().String())
	check(err)
	io.WriteString(client, "ping 42")
	answer, err := io.ReadAll(client)
	check(err)
	fmt.Println(string(answer))
}

// The witness of wirecheck for net/http: go run net_http.go 127.0.0.1:8080
package main

import (
    "bytes"
    "crypto/sha256"
    "encoding/base64"
    "encoding/hex"
    "encoding/json"
    "fmt"
    "io"
    "net"
    "net/http"
    "os"
    "strconv"
    "strings"
    "time"
)

const largest = 64 << 20
const methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

// text has one code point for each octet.
func text(octets string) string {
    points := make([]rune, len(octets))
    for i := range points {
        points[i] = rune(octets[i])
    }
    return string(points)
}

func pairs(fields http.Header) [][2]string {
    listed := [][2]string{}
    for name, values := range fields {
        for _, value := range values {
            listed = append(listed, [2]string{text(name), text(value)})
        }
    }
    return listed
}

// echo describes how net/http understood the request.
func echo(r *http.Request, content []byte) map[string]any {
    headers := pairs(r.Header)
    if r.Host != "" { // net/http takes these two out of the header
        headers = append(headers, [2]string{"Host", text(r.Host)})
    }
    for _, coding := range r.TransferEncoding {
        headers = append(headers, [2]string{"Transfer-Encoding", text(coding)})
    }
    digest := sha256.Sum256(content)
    body := map[string]any{"length": len(content), "sha256": hex.EncodeToString(digest[:])}
    if len(content) <= 64<<10 {
        body["base64"] = base64.StdEncoding.EncodeToString(content)
    }
    peer, _, _ := net.SplitHostPort(r.RemoteAddr)
    protocol := "http"
    if r.TLS != nil {
        protocol = "https"
    }
    return map[string]any{
        "witness": 1, "method": text(r.Method), "target": text(r.RequestURI), "version": text(r.Proto),
        "headers": headers, "trailers": pairs(r.Trailer), "body": body,
        "host": text(r.Host), "remote_ip": peer, "protocol": protocol,
    }
}

// number reads an argument of the query, or a part of the path.
func number(given string, otherwise, most int) int {
    if given == "" {
        return otherwise
    }
    value, err := strconv.Atoi(given)
    if err != nil || value < 0 || value > most {
        return -1
    }
    return value
}

func answer(w http.ResponseWriter, status int, content []byte) {
    if status != 204 && status != 304 {
        w.Header().Set("Content-Length", strconv.Itoa(len(content)))
    }
    w.WriteHeader(status)
    w.Write(content)
}

func serve(w http.ResponseWriter, r *http.Request) {
    w.Header().Set("Content-Type", "text/plain; charset=utf-8")
    rest, mounted := strings.CutPrefix(r.URL.Path, "/witness/")
    name, argument, _ := strings.Cut(rest, "/")
    if mounted && name == "ignore" {
        answer(w, 200, []byte("the body was not read\n"))
        return
    }
    content, err := io.ReadAll(r.Body)
    query := r.URL.Query()
    switch {
    case err != nil:
        w.Header().Set("Connection", "close")
        answer(w, 400, []byte("the body is not complete\n"))
    case !mounted && !strings.Contains(methods, r.Method):
        answer(w, 501, []byte("this method is not known here\n"))
    case !mounted:
        answer(w, 200, []byte("hello\n"))
    case rest == "echo":
        w.Header().Set("Content-Type", "application/json")
        seen, _ := json.Marshal(echo(r, content))
        answer(w, 200, seen)
    case name == "status":
        status := number(argument, -1, 599)
        switch { // some statuses require a field
        case status < 200:
            status = 400
        case status == 401:
            w.Header().Set("WWW-Authenticate", `Basic realm="witness"`)
        case status == 405:
            w.Header().Set("Allow", methods)
        case status == 426:
            w.Header().Set("Upgrade", "HTTP/2.0")
            w.Header().Set("Connection", "upgrade")
        }
        answer(w, status, []byte{})
    case name == "size" && number(argument, -1, largest) >= 0:
        answer(w, 200, bytes.Repeat([]byte("x"), number(argument, -1, largest)))
    case name == "stream":
        parts, size := number(query.Get("parts"), 3, 10000), number(query.Get("size"), 10, 6000)
        for part := 0; part < parts; part++ {
            w.Write(bytes.Repeat([]byte("x"), max(size, 0)))
            w.(http.Flusher).Flush() // without it, short content gets a Content-Length
        }
    case name == "slow":
        time.Sleep(time.Duration(number(query.Get("ms"), 100, 60000)) * time.Millisecond)
        answer(w, 200, []byte("late\n"))
    case rest == "static":
        w.Header().Set("ETag", `"wirecheck-1"`)
        w.Header().Set("Last-Modified", "Mon, 02 Jan 2023 03:04:05 GMT")
        answer(w, 200, []byte("This text never changes.\n"))
    default:
        answer(w, 404, []byte("no such endpoint\n"))
    }
}

func main() {
    fmt.Fprintln(os.Stderr, http.ListenAndServe(os.Args[1], http.HandlerFunc(serve)))
    os.Exit(1)
}

// A server as a process of its own.
#pragma once
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace segue::test {

// A child process with its output. Standard error goes to the file `errors`.
class Process {
 public:
  Process(std::vector<std::string> arguments, const std::filesystem::path& errors) : errors_(errors) {
    int pipe_ends[2];
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(pipe_ends[1], 1);
      ::dup2(::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
      std::vector<char*> argv;
      for (auto& argument : arguments) argv.push_back(argument.data());
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(pipe_ends[1]);
    output_ = pipe_ends[0];
  }
  ~Process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(output_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The next line of standard output; what there is when the process ends or stays silent for ten seconds.
  std::string read_line() {
    std::string line;
    for (pollfd ready{output_, POLLIN, 0}; ::poll(&ready, 1, 10'000) == 1;) {
      char c = 0;
      if (::read(output_, &c, 1) != 1 || c == '\n') break;
      line += c;
    }
    return line;
  }
  void signal(int number) const { ::kill(pid_, number); }
  // The exit status; 128 + number after a signal.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string errors() const {
    std::ifstream in(errors_);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // A field of a log line, once it is there.
  std::string logged(const std::string& field) const {
    const auto text = errors();
    const auto mark = "\"" + field + "\":\"";
    const auto at = text.find(mark);
    return at == std::string::npos ? "" : text.substr(at + mark.size(), text.find('"', at + mark.size()) - at - mark.size());
  }

 private:
  const std::filesystem::path errors_;
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace segue::test

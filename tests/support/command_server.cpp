// The program, loaded once: opening the libraries takes longer than most commands do. It takes
// calls from standard input and runs each in a process that it forks, which does what the program
// would.
//
// A call is one text for each of: what to do, then what that takes; each ends with a zero byte.
//     run   the folder, the file for what is printed, that for errors, seconds, the number of
//           arguments, the arguments
//     seal  a file: gives it the checksum of its content, as someone would who wants it to be
//           believed
// The answer is a line: `exit CODE`, `signal NUMBER`, or `late` if the time was up.

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "results/file_frame.hpp"

int varia_main(int argc, char** argv);

namespace {

namespace results = varia::results;

std::string take() {
  std::string text;
  if (!std::getline(std::cin, text, '\0')) std::_Exit(0);
  return text;
}

struct Call {
  std::string folder = take();
  std::string out = take();
  std::string err = take();
  int seconds = std::stoi(take());
  std::vector<std::string> arguments;
};

[[noreturn]] void run_program(Call call) {
  ::setpgid(0, 0);
  const auto open_as = [](const std::string& path, int flags, int stream) {
    const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (file < 0 || ::dup2(file, stream) < 0) std::_Exit(126);
  };
  open_as("/dev/null", O_RDONLY, STDIN_FILENO);
  open_as(call.out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  open_as(call.err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  if (::chdir(call.folder.c_str()) != 0) std::_Exit(126);
  std::string name = "varia";
  std::vector<char*> pointers = {name.data()};
  for (auto& argument : call.arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  std::_Exit(varia_main(static_cast<int>(pointers.size()) - 1, pointers.data()));
}

std::string run(const Call& call) {
  const pid_t child = ::fork();
  if (child < 0) return "no process";
  if (child == 0) run_program(call);
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  pollfd end{handle, POLLIN, 0};
  const bool is_late = ::poll(&end, 1, call.seconds * 1000) == 0;
  if (is_late) ::kill(-child, SIGKILL);
  ::close(handle);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (is_late) return "late";
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit " + std::to_string(WEXITSTATUS(status));
}

void seal(const std::string& path) {
  auto size = std::filesystem::file_size(path);
  if (results::has_end(path)) size -= results::kEndSize;
  std::filesystem::resize_file(path, size);
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const auto end = results::end_bytes(file, size);
  results::write_at(file, size, end.data(), end.size());
  ::close(file);
}

}  // namespace

int main() {
  while (true) {
    const auto what = take();
    if (what == "seal") {
      seal(take());
      std::cout << "sealed" << std::endl;
      continue;
    }
    Call call;
    for (int left = std::stoi(take()); left > 0; --left) call.arguments.push_back(take());
    std::cout << run(call) << std::endl;
  }
}

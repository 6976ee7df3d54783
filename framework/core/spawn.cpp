#include "varia/host/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace varia {

namespace {

class FileActions {
 public:
  explicit FileActions(const SpawnStreams& streams) {
    posix_spawn_file_actions_init(&actions_);
    if (streams.in < 0)
      posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    else
      posix_spawn_file_actions_adddup2(&actions_, streams.in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, streams.out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, streams.err, STDERR_FILENO);
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

class Attributes {
 public:
  explicit Attributes(SpawnSession session) {
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    // Handlers are reset in any case: this is about what is ignored.
    if (session == SpawnSession::shared) sigdelset(&signals, SIGHUP);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (session == SpawnSession::own) flags |= POSIX_SPAWN_SETSID;
    posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

}  // namespace

pid_t spawn(const std::vector<std::string>& words, const SpawnStreams& streams,
            SpawnSession session, std::error_code& error) {
  auto texts = words;  // the C interface wants them writable
  std::vector<char*> arguments;
  for (auto& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  const FileActions actions(streams);
  const Attributes attributes(session);
  pid_t process = -1;
  const int failure = ::posix_spawnp(&process, arguments[0], actions.get(), attributes.get(),
                                     arguments.data(), ::environ);
  error.assign(failure, std::generic_category());
  return failure == 0 ? process : -1;
}

int wait_for_end(pid_t process, std::error_code& error) {
  error.clear();
  int status = 0;
  while (::waitpid(process, &status, 0) < 0) {
    if (errno == EINTR) continue;
    error.assign(errno, std::generic_category());
    return 0;
  }
  return status;
}

}  // namespace varia

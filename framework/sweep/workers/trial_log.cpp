#include "sweep/workers/trial_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "training/messages.hpp"
#include "varia/error.hpp"
#include "varia/host/descriptor.hpp"

namespace varia::sweep {

namespace {
constexpr std::size_t kTailLines = 5;
constexpr std::size_t kTailBytes = 2000;
constexpr std::size_t kMostBytes = std::size_t{1} << 20U;  // of what one attempt adds to a log
constexpr std::size_t kMostKept = std::size_t{64} << 20U;
}  // namespace

TrialLog::TrialLog() : file_(std::tmpfile(), &std::fclose) {
  if (!file_)
    throw Error("no temporary file can be made for the output of a worker process: " +
                system_reason(errno));
  // Appending: several writers, and a file that is cut while they write.
  ::fcntl(descriptor(), F_SETFL, O_APPEND);
}

int TrialLog::descriptor() const { return ::fileno(file_.get()); }

void TrialLog::restart() { [[maybe_unused]] const int cut = ::ftruncate(descriptor(), 0); }

void TrialLog::limit() {
  if (size() <= kMostKept) return;
  const auto end = read(kMostBytes);
  restart();
  [[maybe_unused]] const auto kept = ::write(descriptor(), end.data(), end.size());
}

std::size_t TrialLog::size() const {
  // Whoever writes appends, so that the place in the file does not matter.
  return static_cast<std::size_t>(std::max<off_t>(0, ::lseek(descriptor(), 0, SEEK_END)));
}

std::string TrialLog::read(std::size_t most) const {
  const auto all = size();
  std::string text(std::min(all, most), '\0');
  const auto got =
      ::pread(descriptor(), text.data(), text.size(), static_cast<off_t>(all - text.size()));
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

std::string TrialLog::tail() const {
  std::istringstream text(read(kTailBytes));  // may begin within a line
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);)
    if (!line.empty()) lines.push_back(line);
  std::string tail;
  for (std::size_t i = lines.size() - std::min(lines.size(), kTailLines); i < lines.size(); ++i)
    tail += (tail.empty() ? "" : " | ") + lines[i];
  return training::one_line(tail);
}

void TrialLog::append_to(const std::filesystem::path& file) const {
  const auto text = read(kMostBytes);
  if (text.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  std::ofstream(file, std::ios::binary | std::ios::app) << text;
}

}  // namespace varia::sweep

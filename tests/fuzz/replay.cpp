// Stands in for libFuzzer in builds without it: gives a target each file of the command line, or of
// a folder named there, and inputs that are made of these by chance, always the same ones.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <random>
#include <vector>

#include "fuzz/fuzz.hpp"

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;
using Random = std::mt19937_64;

constexpr std::size_t kLongest = 1 << 16;
constexpr const char* kFaultFile = "fault.input";

Bytes current;  // the input that the target has now

/// Keeps the input that has found a fault, and ends as the signal would.
void on_fault(int signal) {
  const int file = ::open(kFaultFile, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  const bool kept = file >= 0 && ::write(file, current.data(), current.size()) >= 0;
  constexpr std::string_view kText = "the input is in fault.input\n";
  if (kept && ::write(STDERR_FILENO, kText.data(), kText.size()) < 0) ::_exit(1);
  ::raise(signal);  // SA_RESETHAND
}

void keep_faults() {
  struct sigaction action {};
  action.sa_handler = on_fault;
  action.sa_flags = SA_RESETHAND;
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    ::sigaction(signal, &action, nullptr);
}

/// From 0 to `count` - 1. The distributions of the standard library differ between its versions.
std::size_t pick(Random& random, std::size_t count) { return random() % count; }

std::ptrdiff_t place(Random& random, const Bytes& input) {
  return static_cast<std::ptrdiff_t>(pick(random, input.size() + 1));
}

void change(Bytes& input, const Bytes& other, Random& random) {
  constexpr std::array<std::uint8_t, 10> kBytes{0, 1, 0x7F, 0x80, 0xFF, '0', '"', '[', '\n', '\\'};
  const auto begin = place(random, input);
  const auto end = std::min<std::ptrdiff_t>(
      begin + static_cast<std::ptrdiff_t>(1 + pick(random, 16)), std::ssize(input));
  const auto first = input.begin() + begin;
  const auto last = input.begin() + end;
  switch (pick(random, 7)) {
    case 0:
      if (first != last) *first ^= static_cast<std::uint8_t>(1U << pick(random, 8));
      return;
    case 1:
      if (first != last) *first = kBytes[pick(random, kBytes.size())];
      return;
    case 2:
      std::fill(first, last, random() % 2 == 0 ? 0xFF : 0x00);  // a number that is too large, or 0
      return;
    case 3:
      input.erase(first, last);
      return;
    case 4: {
      const Bytes again(first, last);
      input.insert(input.begin() + place(random, input), again.begin(), again.end());
      return;
    }
    case 5: {
      const auto from = other.begin() + place(random, other);
      const auto count = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(pick(random, 64)),
                                                  other.end() - from);
      input.insert(first, from, from + count);
      return;
    }
    default:
      input.resize(static_cast<std::size_t>(begin));  // cut off
  }
}

Bytes read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) varia::fuzz::fault(path.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(stream), {}};
}

void try_out(Bytes input) {
  current = std::move(input);
  LLVMFuzzerTestOneInput(current.data(), current.size());
}

/// Of the environment; how many inputs are made of each file.
std::size_t changes_per_file() {
  const char* const text = std::getenv("VARIA_FUZZ_CHANGES");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 200;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<fs::path> paths;
  bool with_changes = false;
  for (const fs::path path : std::vector<std::string>(argv + 1, argv + argc)) {
    if (!fs::is_directory(path)) {
      paths.push_back(path);
      continue;
    }
    with_changes = true;
    for (const auto& entry : fs::directory_iterator(path)) paths.push_back(entry.path());
  }
  if (paths.empty()) {
    std::fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
    return 2;
  }
  std::ranges::sort(paths);
  std::vector<Bytes> inputs;
  for (const auto& path : paths) inputs.push_back(read(path));
  keep_faults();
  try_out({});
  for (const auto& input : inputs) try_out(input);
  Random random(1);
  const auto changes = with_changes ? changes_per_file() : 0;
  for (const auto& input : inputs)
    for (std::size_t i = 0; i < changes; ++i) {
      Bytes changed = input;
      for (auto left = 1 + pick(random, 4); left > 0; --left)
        change(changed, inputs[pick(random, inputs.size())], random);
      changed.resize(std::min(changed.size(), kLongest));
      try_out(std::move(changed));
    }
  return 0;
}

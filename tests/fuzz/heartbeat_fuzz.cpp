// Files of runs: any process that may write to a results folder may have written one.
#include <chrono>

#include "files/heartbeat.hpp"
#include "files/process.hpp"
#include "fuzz/fuzz.hpp"

using namespace varia;
using namespace std::chrono_literals;

namespace {

/// Puts what no corpus can know of this machine in the place of its name.
void replace(std::string& text, const std::string& name, const std::string& value) {
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size())
    text.replace(at, name.size(), value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto here = files::this_process();
  const std::string run = "run-1-00000000";
  auto content = fuzz::text_of(data, size);
  replace(content, "@boot", here.boot);
  replace(content, "@space", here.space);
  replace(content, "@process", std::to_string(here.number));
  replace(content, "@started", std::to_string(here.started));
  fuzz::write_file(run, content);

  files::RunWatch patient(fuzz::folder(), 1h);
  const auto info = patient.info(run);
  const bool is_dead = patient.is_dead(run);
  fuzz::require(patient.is_dead(run) == is_dead, "a file that stays means what it meant");
  fuzz::require(!is_dead || info.is_here, "no run is dead at once that could not be seen");
  for (const char letter : info.host + info.since)
    fuzz::require(letter > ' ' && letter <= '~', "host and time are words");

  files::RunWatch hasty(fuzz::folder(), 0ms);
  hasty.is_dead(run);
  return 0;
}

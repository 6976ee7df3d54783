// A trial's folder: its files are known by their names, and leases by where they lead. The input
// has a line for each: a letter ('l' link, 'f' file, 'd' folder), the name, and the target of a
// link.
#include <unistd.h>

#include <chrono>
#include <sstream>

#include "files/lease.hpp"
#include "files/process.hpp"
#include "fuzz/fuzz.hpp"

using namespace varia;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int kMostFiles = 12;

fs::path make_folder(const std::string& text) {
  const auto folder = fuzz::folder() / "trial";
  fs::remove_all(folder);
  fs::create_directory(folder);
  std::istringstream lines(text);
  std::string line;
  for (int i = 0; i < kMostFiles && std::getline(lines, line); ++i) {
    if (line.size() < 3 || line.find('\0') != std::string::npos) continue;
    const auto space = std::min(line.find(' ', 2), line.size());
    const auto name = line.substr(2, space - 2);
    if (name.empty() || name.size() > 200 || name == "." || name == ".." ||
        name.find('/') != std::string::npos)
      continue;
    const auto path = folder / name;
    std::error_code ignored;
    if (line[0] == 'd')
      fs::create_directory(path, ignored);
    else if (line[0] == 'l')
      fs::create_symlink(line.substr(std::min(space + 1, line.size())), path, ignored);
    else if (!fs::exists(fs::symlink_status(path, ignored)))
      fuzz::write_file("trial/" + name, "x");
  }
  return folder;
}

void try_out(const fs::path& folder, std::chrono::milliseconds patience) {
  const std::string run = "run-1-00000000";
  files::RunWatch watch(fuzz::folder() / "runs", patience);
  const auto holder = files::lease_holder(folder);
  fuzz::require(holder.empty() || files::is_run_id(holder), "a holder is a run");
  const auto results = files::token_files(folder, "trial", ".h5");
  for (std::size_t i = 1; i < results.size(); ++i)
    fuzz::require(results[i - 1].token > results[i].token, "the highest token comes first");

  const auto lease = files::take_lease(folder, 3, run, watch);
  if (!lease) return;
  fuzz::require(holder != run, "no run takes what it holds");
  fuzz::require(holder.empty() || patience == 0ms, "no one takes what a live run holds");
  fuzz::require(lease->token > 3, "a lease comes after what was published");
  fuzz::require(results.empty() || lease->token > results.front().token,
                "a lease is higher than what is there");
  fuzz::require(files::is_held(*lease), "a lease that was taken is held");
  fuzz::require(files::lease_holder(folder) == run, "its holder is named");

  files::RunWatch patient(fuzz::folder() / "runs", 1h);
  fuzz::require(!files::take_lease(folder, 3, "other-1-00000000", patient),
                "one run holds a trial");
  files::release(*lease);
  fuzz::require(!files::is_held(*lease), "a lease that was given back is not held");
  if (const auto again = files::take_lease(folder, 3, run, watch)) {
    files::clear(*again);
    fuzz::require(!fs::exists(folder), "nothing of a finished trial stays");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  for (const auto patience : {std::chrono::milliseconds(1h), 0ms})
    fuzz::accepts<StoreError>([&] { try_out(make_folder(text), patience); });
  return 0;
}

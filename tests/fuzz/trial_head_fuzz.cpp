// What stands before and after the HDF5 part of a trial file. Bytes that are no head at all, and
// texts with the right checksum, as one who wants to be believed would write them.
#include <fcntl.h>
#include <unistd.h>

#include "fuzz/fuzz.hpp"
#include "results/file_frame.hpp"
#include "results/trial/summary_text.hpp"

using namespace varia;

namespace {

/// A file with this text in its head, zeros for the rest of it, and an end.
std::string write_sealed(const std::string& text) {
  const auto size = results::head_size(results::kTrialFormat, text);
  auto bytes = results::head_bytes(results::kTrialFormat, text, size + results::kEndSize);
  bytes.resize(size);
  const auto path = fuzz::write_file("sealed.h5", bytes);
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const auto end = results::end_bytes(file, size);
  const auto put = results::write_at(file, size, end.data(), end.size());
  ::close(file);
  fuzz::require(put == static_cast<ssize_t>(results::kEndSize), "a file can be sealed");
  return path;
}

void read_raw(const std::string& bytes) {
  const auto path = fuzz::write_file("raw.h5", bytes);
  const auto intact = results::is_intact(path);
  fuzz::require(intact.has_value() == results::has_end(path), "what has an end can be verified");
  fuzz::accepts<StoreError>([&] { results::require_intact(path, "Remove it."); });
  const auto text = results::read_head(path, results::kTrialFormat);
  fuzz::require(
      !text || bytes.starts_with(results::head_bytes(results::kTrialFormat, *text, bytes.size())),
      "a head is what this program writes");
  fuzz::require(text || !results::read_summary_text(path), "a summary stands in a head");
}

void read_sealed(const std::string& text) {
  const auto path = write_sealed(text);
  fuzz::require(results::is_intact(path) == true, "a sealed file is intact");
  fuzz::require(results::read_head(path, results::kTrialFormat) == text, "a text is read again");
  fuzz::require(!results::read_head(path, results::kResultsFormat), "a format is told from others");
  const auto info = results::read_summary_text(path);
  if (!info) return;
  const auto written = results::summary_text(*info);
  const auto again = results::read_summary_text(write_sealed(written));
  fuzz::require(again.has_value(), "a summary that was written is read");
  fuzz::require(results::summary_text(*again) == written, "a summary is read as it was written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  read_raw(bytes);
  if (bytes.size() <= results::kLongestHeadText) read_sealed(bytes);
  return 0;
}

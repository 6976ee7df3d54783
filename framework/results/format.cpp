#include "results/format.hpp"

#include "hdf5/attribute.hpp"
#include "results/file_frame.hpp"
#include "results/provenance.hpp"

namespace varia::results {

using hdf5::Object;

namespace {

std::string format_of(const Object& root) {
  return hdf5::has_attribute(root, "format") ? hdf5::read_attribute<std::string>(root, "format")
                                             : std::string();
}

}  // namespace

std::string format_of(const std::string& path) { return format_of(hdf5::open_file(path)); }

void require_format(const Object& root, const std::string& format, const std::string& remedy) {
  const std::string found = format_of(root);
  if (found != format) {
    throw StoreError(
        root.file->path,
        "is an HDF5 file, but not of the format " + format + " (" +
            // The name may lead to a file of someone else, which is not quoted.
            (found.empty()                 ? "it does not say its format"
             : found.starts_with("varia-") ? "its format is '" + found.substr(0, 40) + "'"
                                           : "its format is not one of Varia's") +
            ")");
  }
  const auto version = hdf5::read_attribute<std::int64_t>(root, "version");
  if (version != kFormatVersion) {
    throw VersionError(root.file->path, "has version " + std::to_string(version) +
                                            " of the format " + format +
                                            ", but this program knows version " +
                                            std::to_string(kFormatVersion) + ". " + remedy);
  }
}

}  // namespace varia::results

#include "varia/file_digest.hpp"

#include <filesystem>
#include <fstream>
#include <utility>

#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 31;
}  // namespace

FileDigest::FileDigest(ParamSet* owner, std::string name, const Text& file, Kind kind,
                       std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)), file_(file), kind_(std::move(kind)) {}

std::string FileDigest::content() const {
  auto content = read_file();
  if (const auto found = digest_of_text(content); found != digest_)
    refuse_file(file_() + " is another file than it was: expected the SHA-256 " + digest_ +
                ", found " + found);
  return content;
}

void FileDigest::refuse_file(const std::string& message) const {
  throw ConfigError(file_.given() ? file_.where() : owner_where_,
                    subject_ + ": " + file_.name() + ": " + message);
}

Value FileDigest::resolved() const { return digest_.empty() ? Value() : Value::text(digest_); }

ParameterDoc FileDigest::describe() const {
  return {name(), "text", "", "64 hexadecimal digits", doc(), {}};
}

void FileDigest::read(const Value& value, const LoadContext& context) {
  digest_ = value.text();
  if (digest_.size() != 64 || digest_.find_first_not_of("0123456789abcdef") != std::string::npos)
    refuse(value, context, "64 hexadecimal digits in small letters, as sha256sum prints them");
}

void FileDigest::settle(const LoadContext& context) {
  subject_ = context.subject;
  owner_where_ = context.where;
  if (!file_.has_value()) refuse_file("expected the path of " + kind_.name + ", found nothing");
  if (digest_.empty())
    digest_ = digest_of_text(read_file());
  else
    content();
}

std::string FileDigest::read_file() const {
  const auto path = input_path(file_);
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) refuse_file("there is no file " + path.string() + "; " + kind_.remedy);
  if (!fs::is_regular_file(status)) refuse_file(path.string() + " is not a regular file");
  const auto size = fs::file_size(path, error);
  if (!error && size > kMaxBytes)
    refuse_file(path.string() + " has " + std::to_string(size) + " bytes; expected at most " +
                std::to_string(kMaxBytes));
  std::string content(error ? 0 : size, '\0');
  std::ifstream stream(path, std::ios::binary);
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (error || !stream) refuse_file(path.string() + " cannot be read");
  return content;
}

}  // namespace varia

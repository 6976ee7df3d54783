#include "varia/sha256.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <mutex>
#include <stdexcept>

#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

namespace varia {

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free};
};

namespace {
void require(bool good) {
  if (!good) throw std::runtime_error("OpenSSL cannot compute a SHA-256.");
}
}  // namespace

Sha256::Sha256() : state_(std::make_unique<State>()) {
  require(state_->context && EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::update(const void* data, std::size_t bytes) {
  require(EVP_DigestUpdate(state_->context.get(), data, bytes) == 1);
}

std::string Sha256::digest() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int count = 0;
  require(EVP_DigestFinal_ex(state_->context.get(), bytes.data(), &count) == 1);
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::string digest_of_text(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.digest();
}

std::string digest_of_files(const std::vector<std::filesystem::path>& files) {
  static std::mutex mutex;
  static std::map<std::string, std::string> known;

  std::string key;
  for (const auto& file : files) key += file_stamp(file) + "\n";
  const std::lock_guard lock(mutex);
  const auto found = known.find(key);
  if (found != known.end()) return found->second;

  Sha256 hash;
  for (const auto& file : files) {
    const MappedFile content(file);
    hash.update(std::to_string(content.size()) + "\n");
    // In pieces, so that a large mapped file does not count as memory in use.
    constexpr std::size_t kPiece = std::size_t{1} << 26;
    for (std::size_t begin = 0; begin < content.size(); begin += kPiece) {
      const auto bytes = std::min(kPiece, content.size() - begin);
      hash.update(content.data() + begin, bytes);
      content.release(begin, bytes);
    }
    require_whole(content.data());
  }
  return known.emplace(key, hash.digest()).first->second;
}

std::optional<std::string> digest_of_bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  Sha256 hash;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (stream) {
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.update(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad() || !stream.eof()) return std::nullopt;
  return hash.digest();
}

std::string library_digest(const std::filesystem::path& file) {
  static std::mutex mutex;
  static std::map<std::string, std::string> known;
  const std::lock_guard lock(mutex);
  const auto found = known.find(file.string());
  if (found != known.end()) return found->second;
  auto digest = digest_of_bytes(file);
  if (!digest)
    throw PluginError(file.string(), "cannot be read any more; its digest belongs to the results.");
  return known.emplace(file.string(), *std::move(digest)).first->second;
}

}  // namespace varia

#include "hdf5/text.hpp"

#include <algorithm>
#include <cstring>

namespace varia::hdf5 {

namespace {

/// What one transfer may still allocate, in bytes.
struct TextBudget {
  std::size_t left = std::size_t{1} << 30;
  bool is_spent = false;
};

void* allocate_text(std::size_t bytes, void* budget) {
  auto& own = *static_cast<TextBudget*>(budget);
  own.is_spent = bytes > own.left;
  if (own.is_spent) return nullptr;
  own.left -= bytes;
  return H5allocate_memory(bytes, false);
}

void free_text(void* text, void* /*budget*/) { H5free_memory(text); }

}  // namespace

Handle text_type(H5T_cset_t characters) {
  Handle type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, characters);
  return type;
}

Handle text_transfer(std::int64_t count) {
  constexpr std::int64_t kElement =
      32;  // a pointer in memory, or 16 bytes in the file, and to spare
  constexpr std::int64_t kDefault = std::int64_t{1} << 20;
  Handle transfer(H5Pcreate(H5P_DATASET_XFER));
  const std::int64_t bytes =
      std::clamp(std::min(count, kDefault) * kElement, std::int64_t{1024}, kDefault);
  H5Pset_buffer(transfer, static_cast<std::size_t>(bytes), nullptr, nullptr);
  return transfer;
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> result;
  result.reserve(texts.size());
  for (const std::string& text : texts) result.push_back(text.c_str());
  return result;
}

std::vector<std::string> read_text(const Object& object, hid_t type, std::size_t count,
                                   const ReadText& read) {
  if (H5Tget_class(type) != H5T_STRING) damaged(object, "expected text, found another type");
  std::vector<std::string> texts(count);
  if (count == 0) return texts;
  if (H5Tis_variable_str(type) > 0) {
    const Handle memory = text_type(H5Tget_cset(type));
    std::vector<char*> raw(count, nullptr);
    TextBudget budget;
    const Handle transfer = text_transfer(static_cast<std::int64_t>(count));
    H5Pset_vlen_mem_manager(transfer, allocate_text, &budget, free_text, nullptr);
    const bool good = read(memory, transfer, raw.data()) >= 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (raw[i] == nullptr) continue;
      if (good) texts[i] = raw[i];
      H5free_memory(raw[i]);
    }
    if (budget.is_spent) damaged(object, "it has more than 1 GiB of text");
    if (!good) unreadable(*object.file, object.name);
    return texts;
  }
  const std::size_t size = H5Tget_size(type);
  if (size == 0 || size > static_cast<std::size_t>(kMaxElements) / count) {
    damaged(object, "its text is too long");
  }
  const Handle memory(H5Tcopy(H5T_C_S1));
  H5Tset_cset(memory, H5Tget_cset(type));
  H5Tset_size(memory, size);
  H5Tset_strpad(memory, H5T_STR_NULLPAD);
  std::vector<char> raw(size * count);
  if (read(memory, text_transfer(static_cast<std::int64_t>(count)), raw.data()) < 0)
    unreadable(*object.file, object.name);
  for (std::size_t i = 0; i < count; ++i) {
    const char* text = raw.data() + i * size;
    texts[i].assign(text, strnlen(text, size));
  }
  return texts;
}

}  // namespace varia::hdf5

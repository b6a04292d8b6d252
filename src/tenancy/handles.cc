#include "tenancy/handles.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace segue::tenancy {
namespace {

constexpr std::size_t kSecretBytes = 32;

// id (8, big-endian) ‖ kind (1) ‖ zeros (7). The zeros are checked on the way in: a forged block passes once in 2^56.
crypto::BlockCipher::Block plain_block(model::HandleKind kind, base::RowId id) {
  crypto::BlockCipher::Block block{};
  auto value = static_cast<std::uint64_t>(base::to_integer(id));
  for (int i = 7; i >= 0; --i, value >>= 8) block[static_cast<std::size_t>(i)] = static_cast<std::byte>(value & 255);
  block[8] = static_cast<std::byte>(kind);
  return block;
}

std::optional<base::RowId> open_block(const TenantKeys& keys, model::HandleKind kind, std::string_view cipher) {
  crypto::BlockCipher::Block block;
  if (cipher.size() != block.size()) return std::nullopt;
  std::memcpy(block.data(), cipher.data(), block.size());
  const auto plain = keys.handle.decrypt(block);
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < 8; ++i) id = (id << 8) | std::to_integer<std::uint64_t>(plain[i]);
  if (id == 0 || id >> 63 != 0 || plain != plain_block(kind, base::RowId(static_cast<std::int64_t>(id)))) return std::nullopt;
  return base::RowId(static_cast<std::int64_t>(id));
}

NewHandle handle_of(const TenantKeys& keys, model::HandleKind kind, base::RowId id, base::ByteView secret) {
  std::string text(model::prefix_of(kind));
  text += base::base64url(keys.handle.encrypt(plain_block(kind, id)));
  text += '.';
  text += base::base64url(secret);
  return {id, crypto::sha256(base::as_text(secret)), crypto::Secret(std::move(text))};
}

}  // namespace

std::optional<PresentedHandle> parse_handle(const TenantKeys& keys, model::HandleKind kind, std::string_view text) {
  const auto prefix = model::prefix_of(kind);
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto cipher = base::from_base64url(text.substr(0, dot));
  auto secret = base::from_base64url(text.substr(dot + 1));
  if (!cipher || !secret || cipher->size() != 16 || secret->size() != kSecretBytes) return std::nullopt;

  const auto id = open_block(keys, kind, *cipher);
  if (!id) return std::nullopt;

  PresentedHandle out;
  out.id = *id;
  out.secret_hash = crypto::sha256(*secret);
  out.secret = crypto::Secret(std::move(*secret));
  return out;
}

NewHandle make_handle(const TenantKeys& keys, base::Random& random, model::HandleKind kind, base::RowId id) {
  return handle_of(keys, kind, id, random.bytes<kSecretBytes>());
}

NewHandle with_kind(const TenantKeys& keys, model::HandleKind kind, const NewHandle& made) {
  const auto text = made.text.reveal();
  const auto secret = base::from_base64url(text.substr(text.find('.') + 1));
  return handle_of(keys, kind, made.id, base::as_bytes(*secret));
}

NewHandle derive_successor(const TenantKeys& keys, const crypto::Secret& predecessor_secret, base::RowId successor_id) {
  std::string input = "refresh_token_successor|";
  input += predecessor_secret.reveal();
  input += '|' + std::to_string(base::to_integer(successor_id));
  return handle_of(keys, model::HandleKind::refresh_token, successor_id, keys.derivation.mac(input));
}

NewHandle derive_next(const TenantKeys& keys, model::HandleKind kind, const PresentedHandle& before) {
  std::string input = "next_secret|" + std::string(model::prefix_of(kind));
  input += before.secret.reveal();
  input += '|' + std::to_string(base::to_integer(before.id));
  return handle_of(keys, kind, before.id, keys.derivation.mac(input));
}

std::string to_text(const TenantKeys& keys, const GraphNode& node) {
  return std::string(model::prefix_of(node.kind)) + base::base64url(keys.handle.encrypt(plain_block(node.kind, node.id)));
}

std::optional<GraphNode> parse_graph_node(const TenantKeys& keys, std::string_view text) {
  using enum model::HandleKind;
  const auto prefix = model::prefix_of(session_node);
  if (!text.starts_with(prefix)) return std::nullopt;
  const auto cipher = base::from_base64url(text.substr(prefix.size()));
  if (!cipher) return std::nullopt;
  for (const auto kind : {session_node, grant_node, refresh_token_node, session_transfer_token_node}) {
    if (const auto id = open_block(keys, kind, *cipher)) return GraphNode{kind, *id};
  }
  return std::nullopt;
}

}  // namespace segue::tenancy

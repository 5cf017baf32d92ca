-- Opens a file with `loracheck lsp`, and mends it as a user would; prints what was seen as JSON.
local seen = {}
local buffer = vim.api.nvim_get_current_buf()
local server = vim.lsp.start_client({
  name = "loracheck",
  cmd = { os.getenv("PYTHON"), "-m", "loracheck", "lsp" },
  root_dir = vim.fn.getcwd(),
})
vim.lsp.buf_attach_client(buffer, server)
local place = { uri = vim.uri_from_bufnr(buffer) }

local function ask(method, parameters)
  parameters.textDocument = place
  for _, answer in pairs(vim.lsp.buf_request_sync(buffer, method, parameters, 60000) or {}) do
    return answer.result
  end
end

vim.wait(60000, function() return #vim.diagnostic.get(buffer) > 0 end, 50)
seen.found = vim.tbl_map(function(one) return { one.lnum, one.message } end, vim.diagnostic.get(buffer))
local line = seen.found[1] and seen.found[1][1] or 0
seen.hover = ask("textDocument/hover", { position = { line = line, character = 6 } }).contents.value
local actions = ask("textDocument/codeAction", {
  range = { start = { line = line, character = 0 }, ["end"] = { line = line, character = 1 } },
  context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(buffer, line) },
})
seen.actions = vim.tbl_map(function(one) return one.title end, actions)
vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
vim.wait(60000, function() return #vim.diagnostic.get(buffer) == 0 end, 50)
seen.left = #vim.diagnostic.get(buffer)
seen.text = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
local last = vim.api.nvim_buf_line_count(buffer)
vim.api.nvim_buf_set_lines(buffer, last, last, false, { "  - gate" })
local items = ask("textDocument/completion", { position = { line = last, character = 8 } })
seen.items = vim.tbl_map(function(one) return one.label .. ": " .. (one.detail or "") end, items)
io.stdout:write(vim.json.encode(seen) .. "\n")
vim.lsp.stop_client(server)
vim.cmd("qall!")

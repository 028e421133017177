# The base image is pinned by major version and Debian release. It exists for amd64 and arm64, and no
# step here depends on the architecture.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Optional packages bring a Node for machines without a current one; this image has its own.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY src ./src
COPY otel ./otel
# Owns nothing under /app: the program cannot change itself.
USER node
EXPOSE 4096
# By Node itself, because the image has neither curl nor wget. It asks the default port: a container
# that serves on another one needs a check of its own.
HEALTHCHECK --interval=3s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4096/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Without a shell, so that signals reach the program and its streams end before it does.
ENTRYPOINT ["node", "bin/scopeline.js"]
CMD ["serve", "--host", "0.0.0.0"]

# Debian's C library, not Alpine's: the compiler and the Node that `npm ci` brings are built against it.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json vite.config.ts ./
COPY src ./src
RUN npm run build

# Optional packages are a Node for developers' machines; the image has one.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional && npm cache clean --force

FROM node:24-slim
LABEL org.opencontainers.image.title="Postern" \
      org.opencontainers.image.description="Entitlement tokens in front of the package storage you already have" \
      org.opencontainers.image.licenses="Apache-2.0"
# POSTERN_API is for the command line inside the container and for the health check: change it with admin.listen.
ENV NODE_ENV=production \
    POSTERN_CONFIG=/etc/postern/postern.yaml \
    POSTERN_API=http://127.0.0.1:8081
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN install -d -o node -g node -m 0700 /data
VOLUME /data
USER node
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.POSTERN_API + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
